#include "cache/custom_facts.h"

#include <string>
#include <string_view>

#include "cache/credentials_fact.h"
#include "support/canonical_json.h"
#include "support/cel/program.h"
#include "support/gzip.h"

namespace seaworthy::cache {
namespace {

using support::AppendJsonString;
using support::Node;
using support::NodeType;

// Where the writer is, as far as it matters for what may be kept.
enum class Place : std::uint8_t { kAnywhere, kMetadata, kAnnotations, kEnvironment, kVariable, kCommand };

class Writer {
 public:
  std::string Write(const Node& node) {
    Value(node, Place::kAnywhere);
    return std::move(out_);
  }

 private:
  // The depth is that of the parser's limit at most.
  void Value(const Node& node, Place place) {
    switch (node.type()) {
      case NodeType::kAbsent:
      case NodeType::kNull: out_ += "null"; return;
      case NodeType::kBool: out_ += node.Bool().value_or(false) ? "true" : "false"; return;
      case NodeType::kNumber: Number(node); return;
      case NodeType::kString:
        AppendJsonString(out_, place == Place::kCommand ? support::cel::kNotKept : node.text());
        return;
      case NodeType::kPruned: AppendJsonString(out_, support::cel::kNotKept); return;
      case NodeType::kArray: {
        out_ += '[';
        const char* separator = "";
        for (const Node& item : node) {
          out_ += separator;
          separator = ",";
          Value(item, place == Place::kEnvironment ? Place::kVariable : place);
        }
        out_ += ']';
        return;
      }
      case NodeType::kObject: break;
    }
    out_ += '{';
    const char* separator = "";
    for (const Node& member : node) {
      const std::string_view key = member.key();
      if (place == Place::kMetadata && key == "managedFields") continue;
      out_ += separator;
      separator = ",";
      AppendJsonString(out_, key);
      out_ += ':';
      if (MayBeCredential(place, member)) {
        AppendJsonString(out_, support::cel::kNotKept);
      } else {
        Value(member, Inside(place, key));
      }
    }
    out_ += '}';
  }

  // YAML knows numbers that JSON does not.
  void Number(const Node& node) {
    const std::string_view literal = node.text();
    if (literal.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
        literal.find_first_of("0123456789") <= 1 && literal[0] != '+' && !literal.ends_with('.') &&
        (literal.size() == 1 || literal[0] != '0' || literal[1] == '.')) {
      out_ += literal;
    } else if (const auto integer = node.Int()) {
      out_ += std::to_string(*integer);
    } else {
      AppendJsonString(out_, support::cel::kNotKept);
    }
  }

  static bool MayBeCredential(Place place, const Node& member) {
    const std::string_view key = member.key();
    if (place == Place::kVariable) return key == "value";
    if (place != Place::kAnnotations) return false;
    return key == "kubectl.kubernetes.io/last-applied-configuration" || FindCredential(key, member.text()).has_value();
  }

  static Place Inside(Place place, std::string_view key) {
    if (key == "metadata") return Place::kMetadata;
    if (place == Place::kMetadata && key == "annotations") return Place::kAnnotations;
    if (key == "env") return Place::kEnvironment;
    if (key == "command" || key == "args") return Place::kCommand;
    return Place::kAnywhere;
  }

  std::string out_;
};

}  // namespace

std::string KeptJson(const Node& node) { return Writer().Write(node); }

void AttachCustomFacts(const CustomRules& rules, const Node& node, Object& object) {
  CustomFactsPtr* place = CustomFactsOf(object);
  if (place == nullptr) return;
  bool keep = object.kind == Kind::kNamespace && rules.keep_namespaces;
  if (!rules.kinds.Has(object.kind) && !keep) return;
  // A ReplicaSet that a Deployment owns is not judged.
  if (object.kind == Kind::kReplicaSet && object.meta.Controller() != nullptr) return;
  auto facts = std::make_unique<CustomFacts>();
  for (const auto& rule : rules.rules) {
    if (!rule->kinds().Has(object.kind) || facts->Find(rule->key()) != nullptr) continue;
    if (rule->reads_namespace()) {
      keep = true;
    } else {
      facts->judged.push_back({rule->key(), rule->Judge(node, nullptr)});
    }
  }
  if (keep) facts->kept = support::GzipCompress(KeptJson(node));
  *place = std::move(facts);
}

}  // namespace seaworthy::cache
