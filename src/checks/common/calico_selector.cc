#include "checks/common/calico_selector.h"

#include <algorithm>
#include <string>
#include <vector>

namespace seaworthy::checks {
namespace {

constexpr int kMaxDepth = 32;

// expression = term { "||" term }; term = factor { "&&" factor }; factor = "!" factor | "(" expression ")" | test.
class Parser {
 public:
  Parser(std::string_view text, const LabelLookup& label) : text_(text), label_(label) {}

  std::optional<bool> Parse() {
    SkipSpace();
    if (at_ == text_.size()) return true;
    const bool value = Expression(0);
    SkipSpace();
    if (failed_ || at_ != text_.size()) return std::nullopt;
    return value;
  }

 private:
  bool Fail() {
    failed_ = true;
    return false;
  }
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool Take(std::string_view token) {
    SkipSpace();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  bool Expression(int depth) {
    if (depth > kMaxDepth) return Fail();
    bool value = Term(depth);
    while (!failed_ && Take("||")) {
      const bool right = Term(depth);
      value = value || right;
    }
    return value;
  }
  bool Term(int depth) {
    bool value = Factor(depth);
    while (!failed_ && Take("&&")) {
      const bool right = Factor(depth);
      value = value && right;
    }
    return value;
  }
  bool Factor(int depth) {
    if (depth > kMaxDepth) return Fail();
    if (Take("!")) return !Factor(depth + 1);
    if (Take("(")) {
      const bool value = Expression(depth + 1);
      return Take(")") ? value : Fail();
    }
    return Test();
  }

  bool Test() {
    const std::string_view name = Name();
    if (name.empty()) return Fail();
    if (Take("(")) {
      if (name == "all") return Take(")") ? true : Fail();
      if (name == "global") return Take(")") ? false : Fail();
      if (name != "has") return Fail();
      const std::string_view key = Name();
      return !key.empty() && Take(")") ? label_(key).has_value() : Fail();
    }
    const std::optional<std::string_view> value = label_(name);
    if (Take("==")) return Compare(value, [](std::string_view a, std::string_view b) { return a == b; });
    // An absent label is not equal to anything, as in Kubernetes.
    if (Take("!=")) return !Compare(value, [](std::string_view a, std::string_view b) { return a == b; });
    if (Take("not in")) return !In(value);
    if (Take("in")) return In(value);
    if (Take("contains"))
      return Compare(value, [](std::string_view a, std::string_view b) { return a.find(b) != std::string_view::npos; });
    if (Take("starts with"))
      return Compare(value, [](std::string_view a, std::string_view b) { return a.starts_with(b); });
    if (Take("ends with")) return Compare(value, [](std::string_view a, std::string_view b) { return a.ends_with(b); });
    return Fail();
  }

  template <typename Fn>
  bool Compare(const std::optional<std::string_view>& value, Fn holds) {
    const std::optional<std::string_view> literal = Literal();
    if (!literal) return Fail();
    return value.has_value() && holds(*value, *literal);
  }

  bool In(const std::optional<std::string_view>& value) {
    if (!Take("{")) return Fail();
    bool found = false;
    while (!Take("}")) {
      const std::optional<std::string_view> literal = Literal();
      if (!literal) return Fail();
      found = found || (value.has_value() && *value == *literal);
      if (!Take(",")) {
        if (!Take("}")) return Fail();
        break;
      }
    }
    return found;
  }

  std::string_view Name() {
    SkipSpace();
    const std::size_t begin = at_;
    const auto is_part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
             c == '/' || c == '-';
    };
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::optional<std::string_view> Literal() {
    SkipSpace();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return std::nullopt;
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return value;
  }

  std::string_view text_;
  const LabelLookup& label_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<bool> MatchesCalico(std::string_view selector, const LabelLookup& label) {
  return Parser(selector, label).Parse();
}

}  // namespace seaworthy::checks
