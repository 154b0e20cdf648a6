#include "seaworthy/custom.h"

#include <algorithm>

#include "seaworthy/objects.h"
#include "seaworthy/workload.h"
#include "support/cel/program.h"
#include "support/gzip.h"
#include "support/hash.h"
#include "support/json.h"

namespace seaworthy {
namespace {

using support::Node;

// A kept text is as large as the object that it is of.
constexpr std::size_t kMaxKept = std::size_t{16} * 1024 * 1024;

enum Variable : std::size_t { kObject, kNamespaceObject, kParams };

class Compiled final : public CustomRule {
 public:
  static Result<std::shared_ptr<const CustomRule>> Make(const CustomCheckSpec& spec, KindSet kinds) {
    Result<support::cel::ProgramPtr> program =
        support::cel::Compile(spec.expression, {"object", "namespaceObject", "params"});
    if (!program.ok()) return program.status();
    // As the API server refuses it in a ValidatingAdmissionPolicy.
    if (!(*program)->IsSurelyBool())
      return Status(
          Code::kInvalidArgument,
          "must evaluate to bool; of a field nobody knows that: compare it, as in \"object.spec.paused == true\"");
    auto rule = std::make_shared<Compiled>();
    rule->program_ = *std::move(program);
    if (Status status = support::ParseJson(spec.params.empty() ? "{}" : spec.params, rule->params_); !status.ok())
      return status;
    rule->kinds_ = kinds;
    rule->reads_namespace_ = rule->program_->Reads(kNamespaceObject);
    rule->key_ = support::Hash64(spec.expression.str() + '\0' + spec.params);
    return std::shared_ptr<const CustomRule>(std::move(rule));
  }

  CustomVerdict Judge(const Node& object, const Node* ns) const override {
    const Node* const variables[] = {&object, ns, &params_.root()};
    support::cel::Evaluation evaluation = program_->Evaluate(variables);
    switch (evaluation.result) {
      case support::cel::Evaluation::Result::kTrue: return {CustomVerdict::Result::kTrue, {}};
      case support::cel::Evaluation::Result::kFalse: return {CustomVerdict::Result::kFalse, {}};
      case support::cel::Evaluation::Result::kError: break;
    }
    return {CustomVerdict::Result::kError, std::move(evaluation.error)};
  }

  CustomVerdict Judge(std::string_view kept_object, std::string_view kept_namespace) const override {
    support::Tree object, ns;
    if (!Read(kept_object, object) || !Read(kept_namespace, ns))
      return {CustomVerdict::Result::kError, "the object is too large"};
    return Judge(object.root(), &ns.root());
  }

 private:
  static bool Read(std::string_view kept, support::Tree& tree) {
    const std::optional<std::string> text = support::GzipDecompress(kept, kMaxKept);
    return text && support::ParseJson(*text, tree).ok();
  }

  support::cel::ProgramPtr program_;
  support::Tree params_;
};

}  // namespace

Result<std::shared_ptr<const CustomRule>> CustomRule::Compile(const CustomCheckSpec& spec, KindSet kinds) {
  return Compiled::Make(spec, kinds);
}

const CustomVerdict* CustomFacts::Find(std::uint64_t key) const {
  const auto found = std::find_if(judged.begin(), judged.end(), [key](const Judged& one) { return one.key == key; });
  return found == judged.end() ? nullptr : &found->verdict;
}

std::size_t CustomFacts::resident_bytes() const {
  std::size_t bytes = sizeof(CustomFacts) + judged.capacity() * sizeof(Judged) + kept.capacity();
  for (const Judged& one : judged) bytes += one.verdict.error.capacity();
  return bytes;
}

CustomFactsPtr* CustomFactsOf(Object& object) {
  switch (object.kind) {
    case Kind::kDeployment:
    case Kind::kStatefulSet:
    case Kind::kDaemonSet:
    case Kind::kCronJob:
    case Kind::kReplicaSet: return &static_cast<Workload&>(object).custom;
    case Kind::kNamespace: return &static_cast<Namespace&>(object).custom;
    case Kind::kPodDisruptionBudget: return &static_cast<PodDisruptionBudget&>(object).custom;
    case Kind::kNode: return &static_cast<seaworthy::Node&>(object).custom;
    default: return nullptr;
  }
}

const CustomFacts* CustomFactsOf(const Object& object) {
  switch (object.kind) {
    case Kind::kDeployment:
    case Kind::kStatefulSet:
    case Kind::kDaemonSet:
    case Kind::kCronJob:
    case Kind::kReplicaSet: return static_cast<const Workload&>(object).custom.get();
    case Kind::kNamespace: return static_cast<const Namespace&>(object).custom.get();
    case Kind::kPodDisruptionBudget: return static_cast<const PodDisruptionBudget&>(object).custom.get();
    case Kind::kNode: return static_cast<const seaworthy::Node&>(object).custom.get();
    default: return nullptr;
  }
}

bool SameCustomFacts(const Object& a, const Object& b) {
  const CustomFacts *one = CustomFactsOf(a), *other = CustomFactsOf(b);
  return one == other || (one != nullptr && other != nullptr && *one == *other);
}

std::optional<Kind> FindCustomKind(std::string_view name) {
  for (const KindInfo& info : KindTable()) {
    if (info.name == name && kCustomKinds.Has(info.kind)) return info.kind;
  }
  return std::nullopt;
}

}  // namespace seaworthy
