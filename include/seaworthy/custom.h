// Custom checks (AuditPolicy spec.customChecks): what decoders and the engine share of them. docs/custom-checks.md is
// their reference.
//
// An expression is judged on the object as the API server has it, while that passes the decoder, and only the verdict
// stays with the projection. An expression that also reads the namespace cannot be judged there, for either may change
// alone: of the kinds that it is about a compressed text is kept, without what may hold credentials, and the engine
// judges that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/custom_facts.h"
#include "seaworthy/kind.h"
#include "seaworthy/object.h"
#include "seaworthy/policy.h"
#include "seaworthy/result.h"

namespace seaworthy {

namespace support {
class Node;
}

// One compiled expression with its params. Immutable and thread-safe.
class CustomRule {
 public:
  virtual ~CustomRule() = default;
  // Why the expression is refused: "1:8: undeclared reference to 'foo'".
  static Result<std::shared_ptr<const CustomRule>> Compile(const CustomCheckSpec& spec, KindSet kinds);

  // `ns` is the Namespace; needed only where reads_namespace().
  virtual CustomVerdict Judge(const support::Node& object, const support::Node* ns) const = 0;
  // The same of kept texts (CustomFacts::kept).
  virtual CustomVerdict Judge(std::string_view kept_object, std::string_view kept_namespace) const = 0;

  // Identifies expression and params: a verdict under another key says nothing.
  std::uint64_t key() const { return key_; }
  KindSet kinds() const { return kinds_; }
  bool reads_namespace() const { return reads_namespace_; }

 protected:
  std::uint64_t key_ = 0;
  KindSet kinds_;
  bool reads_namespace_ = false;
};

// What a decoder has to do for custom checks.
struct CustomRules {
  std::vector<std::shared_ptr<const CustomRule>> rules;
  KindSet kinds;  // that one of them is about
  bool keep_namespaces = false;
};
using CustomRulesPtr = std::shared_ptr<const CustomRules>;

// Where an object keeps them; nullptr for kinds that are no subject of custom checks.
CustomFactsPtr* CustomFactsOf(Object& object);
const CustomFacts* CustomFactsOf(const Object& object);
bool SameCustomFacts(const Object& a, const Object& b);

// Kinds that a custom check may name. Workloads, Namespace, PodDisruptionBudget and Node do not mix within one.
std::optional<Kind> FindCustomKind(std::string_view name);
inline constexpr KindSet kCustomWorkloads = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
                                             Kind::kReplicaSet};
inline constexpr KindSet kCustomKinds =
    kCustomWorkloads | KindSet{Kind::kNamespace, Kind::kPodDisruptionBudget, Kind::kNode};

}  // namespace seaworthy
