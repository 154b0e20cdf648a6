#include "support/cel/functions.h"

#include <cassert>

namespace seaworthy::support::cel {
namespace {

// Reads signatures; they are written in this folder only, so a wrong one is a fault of ours.
class SignatureReader {
 public:
  explicit SignatureReader(std::string_view text) : text_(text) {}

  Overload Read() {
    Overload overload;
    if (!Take('(')) {
      overload.member = true;
      overload.args.push_back(ReadType());
      Expect('.');
      Expect('(');
    }
    while (!Take(')')) {
      overload.args.push_back(ReadType());
      Take(',');
    }
    Expect('-');
    Expect('>');
    overload.result = ReadType();
    assert(text_.empty());
    return overload;
  }

 private:
  void SkipBlanks() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  bool Take(char c) {
    SkipBlanks();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void Expect(char c) {
    [[maybe_unused]] const bool taken = Take(c);
    assert(taken);
  }
  TypeRef ReadType() {
    static constexpr std::pair<std::string_view, Type> kNames[] = {
        {"null", Type::kNull},         {"bool", Type::kBool},
        {"int", Type::kInt},           {"uint", Type::kUint},
        {"double", Type::kDouble},     {"string", Type::kString},
        {"bytes", Type::kBytes},       {"timestamp", Type::kTimestamp},
        {"list", Type::kList},         {"duration", Type::kDuration},
        {"map", Type::kMap},           {"type", Type::kType},
        {"url", Type::kUrl},           {"optional", Type::kOptional},
        {"quantity", Type::kQuantity}, {"ip", Type::kIp},
        {"cidr", Type::kCidr},         {"dyn", Type::kDyn},
        {"A", Type::kParamA},          {"B", Type::kParamB},
    };
    SkipBlanks();
    const std::size_t size = std::min(text_.find_first_of(" (),.-"), text_.size());
    const std::string_view name = text_.substr(0, size);
    text_.remove_prefix(size);
    TypeRef type;
    [[maybe_unused]] bool known = false;
    for (const auto& [own, value] : kNames) {
      if (own != name) continue;
      type.type = value;
      known = true;
    }
    assert(known);
    const bool has_parameters = type.type == Type::kList || type.type == Type::kMap || type.type == Type::kOptional;
    if (has_parameters && Take('(')) {
      while (!Take(')')) {
        type.of.push_back(ReadType());
        Take(',');
      }
    }
    return type;
  }

  std::string_view text_;
};

}  // namespace

FunctionTable::FunctionTable() {
  AddOperators(*this);
  AddConversions(*this);
  AddTimes(*this);
  AddStrings(*this);
  AddLists(*this);
  AddKubernetes(*this);
}

const FunctionTable& FunctionTable::Instance() {
  static const FunctionTable table;
  return table;
}

const std::vector<Overload>* FunctionTable::Find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

void FunctionTable::Add(std::string_view name, std::string_view signature, Function run, bool unguarded) {
  Overload overload = SignatureReader(signature).Read();
  overload.run = run;
  overload.guarded = !unguarded;
  functions_[std::string(name)].push_back(std::move(overload));
}

}  // namespace seaworthy::support::cel
