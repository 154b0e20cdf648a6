#include "score/custom.h"

#include <algorithm>

namespace seaworthy::score {
namespace {

constexpr std::size_t kMaxError = 200;

std::optional<Section> FindSection(std::string_view name) {
  for (std::size_t i = 0; i < kSectionCount; ++i) {
    if (SectionName(static_cast<Section>(i)) == name) return static_cast<Section>(i);
  }
  return std::nullopt;
}

SubjectType SubjectOf(KindSet kinds) {
  if (kinds.Has(Kind::kNamespace)) return SubjectType::kNamespace;
  if (kinds.Has(Kind::kPodDisruptionBudget)) return SubjectType::kBudget;
  if (kinds.Has(Kind::kNode)) return SubjectType::kNode;
  return SubjectType::kWorkload;
}

std::string KindNames(KindSet kinds) {
  std::string names;
  for (const KindInfo& info : KindTable()) {
    if (kinds.Has(info.kind)) names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  return names;
}

WorkloadClasses ClassesOf(KindSet kinds) {
  WorkloadClasses classes;
  for (const auto& [kind, one] : {std::pair(Kind::kDeployment, WorkloadClass::kDeployment),
                                  {Kind::kStatefulSet, WorkloadClass::kStatefulSet},
                                  {Kind::kDaemonSet, WorkloadClass::kDaemonSet},
                                  {Kind::kCronJob, WorkloadClass::kCronJob},
                                  {Kind::kReplicaSet, WorkloadClass::kReplicaSet}}) {
    if (kinds.Has(kind)) classes = classes | WorkloadClasses{one};
  }
  return classes;
}

}  // namespace

// The texts that its Check points to.
struct CustomCatalogue::Custom : Check {
  std::string id_text, message_text, rule_text, fix_text, source_text;
  std::shared_ptr<const CustomRule> expression;

  void Set(const std::string& id_given, const Wanted& wanted) {
    id_text = id_given;
    message_text = wanted.spec->message.str();
    rule_text = "Of " + KindNames(wanted.kinds) +
                ": passes where this expression is true, fails where it is false: " + wanted.spec->expression.str();
    if (!wanted.spec->params.empty()) rule_text += " (params: " + wanted.spec->params + ")";
    fix_text = wanted.spec->fix.str();
    source_text = "AuditPolicy/" + wanted.policy;
    expression = wanted.rule;
    id = id_text;
    title = message_text;
    section = wanted.section;
    severity = wanted.severity;
    subject = SubjectOf(wanted.kinds);
    applies_to = subject == SubjectType::kWorkload ? ClassesOf(wanted.kinds) : WorkloadClasses();
    rule = rule_text;
    why = "A rule of this cluster's own.";
    fix = fix_text;
    source = source_text;
    reads = wanted.kinds;
    if (expression->reads_namespace()) reads.Add(Kind::kNamespace);
    run = CustomCatalogue::Run;
  }
};

CustomCatalogue::CustomCatalogue() = default;
CustomCatalogue::~CustomCatalogue() = default;

std::shared_ptr<const CustomRule> CustomCatalogue::Compile(const CustomCheckSpec& spec, KindSet kinds,
                                                           std::string& error) {
  Result<std::shared_ptr<const CustomRule>> compiled = CustomRule::Compile(spec, kinds);
  if (!compiled.ok()) {
    error = compiled.status().message();
    return nullptr;
  }
  // What is the same as before stays the same object, so that nobody decodes anything again for it.
  if (rules_ != nullptr) {
    for (const auto& rule : rules_->rules) {
      if (rule->key() == (*compiled)->key() && rule->kinds() == kinds) return rule;
    }
  }
  return *std::move(compiled);
}

void CustomCatalogue::Read(const AuditPolicy& policy, std::map<std::string, Wanted>& wanted) {
  const std::string name = policy.meta.name.str();
  for (std::size_t i = 0; i < policy.custom_checks.size(); ++i) {
    const CustomCheckSpec& spec = policy.custom_checks[i];
    const std::string field = "customChecks[" + std::to_string(i) + "]";
    const std::string id = spec.id.str();
    const auto problem = [&](std::string_view where, const std::string& what) {
      notes_[name].problems.push_back(field + std::string(where) + ": " + what);
    };
    if (!id.starts_with("custom-")) {
      problem(".id", "\"" + id + "\" does not begin with custom-");
      continue;
    }
    const std::optional<Section> section = FindSection(spec.section);
    if (!section) {
      problem(".section", "there is no section \"" + spec.section.str() + "\"");
      continue;
    }
    const std::optional<Severity> severity = ParseSeverity(spec.severity);
    if (!severity) {
      problem(".severity", "\"" + spec.severity.str() + "\" is no severity");
      continue;
    }
    if (spec.message.empty()) {
      problem(".message", "missing");
      continue;
    }
    KindSet kinds;
    bool understood = !spec.kinds.empty();
    if (!understood) problem(".kinds", "names none");
    for (std::size_t k = 0; k < spec.kinds.size() && understood; ++k) {
      const std::optional<Kind> kind = FindCustomKind(spec.kinds[k]);
      if (!kind) {
        problem(".kinds[" + std::to_string(k) + "]",
                "\"" + spec.kinds[k].str() + "\" is none of " + KindNames(kCustomKinds));
        understood = false;
        continue;
      }
      if (!kinds.empty() && SubjectOf(kinds) != SubjectOf({*kind})) {
        problem(".kinds[" + std::to_string(k) + "]", spec.kinds[k].str() + " is another sort of subject than " +
                                                         KindNames(kinds) + ": make it a check of its own");
        understood = false;
        continue;
      }
      kinds.Add(*kind);
    }
    if (!understood) continue;
    std::string error;
    std::shared_ptr<const CustomRule> rule = Compile(spec, kinds, error);
    if (rule == nullptr) {
      problem(".expression", error);
      continue;
    }
    if (rule->reads_namespace() && SubjectOf(kinds) == SubjectType::kNode) {
      problem(".expression", "a Node has no namespaceObject");
      continue;
    }
    const auto before = wanted.find(id);
    if (before == wanted.end() && wanted.size() >= kMostChecks) {
      problem("", "more than " + std::to_string(kMostChecks) + " custom checks");
      continue;
    }
    if (before != wanted.end() && before->second.policy != name && !(*before->second.spec == spec)) {
      notes_[before->second.policy].conflicts.push_back("customChecks." + id + ": overridden by policy " + name);
    }
    wanted.insert_or_assign(id, Wanted{&spec, name, *section, *severity, kinds, std::move(rule)});
  }
}

bool CustomCatalogue::Update(std::span<const AuditPolicy* const> policies) {
  notes_.clear();
  std::map<std::string, Wanted> wanted;
  for (const AuditPolicy* policy : policies) Read(*policy, wanted);
  std::vector<const Check*> checks;
  CustomRules rules;
  bool changed = false;
  for (const auto& [id, one] : wanted) {
    std::unique_ptr<Custom>& known = known_[{id, SubjectOf(one.kinds)}];
    if (known == nullptr) known = std::make_unique<Custom>();
    changed |= known->expression != one.rule;
    known->Set(id, one);
    checks.push_back(known.get());
    if (std::find(rules.rules.begin(), rules.rules.end(), one.rule) != rules.rules.end()) continue;
    rules.rules.push_back(one.rule);
    rules.kinds = rules.kinds | one.kinds;
    rules.keep_namespaces |= one.rule->reads_namespace();
  }
  changed |= checks != checks_;
  checks_ = std::move(checks);
  const bool same = rules.rules.empty() ? rules_ == nullptr : rules_ != nullptr && rules.rules == rules_->rules;
  if (!same) rules_ = rules.rules.empty() ? nullptr : std::make_shared<const CustomRules>(std::move(rules));
  return changed;
}

Outcome CustomCatalogue::Run(const Context& context) {
  const auto& custom = static_cast<const Custom&>(context.check());
  const CustomRule& rule = *custom.expression;
  const CustomFacts* facts = nullptr;
  bool there = true;
  switch (custom.subject) {
    case SubjectType::kWorkload:
      // A Rollout's class, or that of an operator's kind, says little about the kind.
      if (!rule.kinds().Has(context.workload().kind) ||
          context.workload().kind_name != Info(context.workload().kind).name) {
        return Outcome::Na("does not apply to a " + context.workload().kind_name.str());
      }
      facts = context.workload().custom.get();
      break;
    case SubjectType::kNamespace:
      there = context.ns().object != nullptr;
      if (there) facts = context.ns().object->custom.get();
      break;
    case SubjectType::kBudget: facts = context.budget().budget->custom.get(); break;
    case SubjectType::kNode: facts = context.node().node->custom.get(); break;
    case SubjectType::kCluster: break;
  }
  const auto not_yet = [&] {
    return context.offline()
               ? Outcome::Unknown(UnknownCause::kOffline,
                                  "not judged: name the policy with --policy, and files rather than standard input")
               : Outcome::Unknown(UnknownCause::kPending, "not judged yet: the objects are being listed again");
  };
  if (!there) {
    return context.offline() ? Outcome::Unknown(UnknownCause::kNotInInput, "the Namespace is not in the input")
                             : Outcome::Unknown(UnknownCause::kPending, "the Namespace is not in the cache yet");
  }
  if (facts == nullptr) return not_yet();
  CustomVerdict verdict;
  if (!rule.reads_namespace()) {
    const CustomVerdict* judged = facts->Find(rule.key());
    if (judged == nullptr) return not_yet();
    verdict = *judged;
  } else {
    if (facts->kept.empty()) return not_yet();
    const Namespace* object = context.Namespace().object;
    if (object == nullptr) {
      return context.offline() ? Outcome::Unknown(UnknownCause::kNotInInput, "the Namespace is not in the input")
                               : Outcome::Unknown(UnknownCause::kPending, "the Namespace is not in the cache yet");
    }
    if (object->custom == nullptr || object->custom->kept.empty()) return not_yet();
    verdict = rule.Judge(facts->kept, object->custom->kept);
  }
  switch (verdict.result) {
    case CustomVerdict::Result::kTrue: return Outcome::Pass();
    case CustomVerdict::Result::kFalse: return Outcome::Fail(custom.message_text);
    case CustomVerdict::Result::kError: break;
  }
  return Outcome::Unknown(UnknownCause::kUnreadable, "the expression failed: " + verdict.error.substr(0, kMaxError));
}

KindSet KindsToJudgeAgain(const CustomRulesPtr& before, const CustomRulesPtr& after) {
  KindSet kinds;
  if (after == nullptr) return kinds;
  for (const auto& rule : after->rules) {
    const bool known =
        before != nullptr && std::find(before->rules.begin(), before->rules.end(), rule) != before->rules.end();
    if (!known) kinds = kinds | rule->kinds();
  }
  if (after->keep_namespaces && (before == nullptr || !before->keep_namespaces)) kinds.Add(Kind::kNamespace);
  return kinds;
}

}  // namespace seaworthy::score
