#include "score/run_check.h"

#include <exception>
#include <optional>

namespace seaworthy::score {
namespace {

constexpr std::size_t kMaxReason = 200;  // it may quote the object

// One that is no API of the cluster's: Prometheus, registries, logs.
Outcome SourceMissing(const SourceWords& source, SourceState state) {
  const std::string name(source.name), flag(source.flag);
  switch (state) {
    case SourceState::kOff: return Outcome::Na("the operator's " + flag + " is not set: it does not ask " + name);
    case SourceState::kOffline:
      return Outcome::Unknown(UnknownCause::kOffline, "only the operator asks " + name + " (" + flag + ")");
    case SourceState::kPending:
      return Outcome::Unknown(UnknownCause::kPending, name + " (" + flag + "): no answer yet");
    case SourceState::kDenied:
      return Outcome::Unknown(UnknownCause::kDenied, name + " (" + flag + "): access is denied");
    case SourceState::kAbsent:
    case SourceState::kDegraded:
      return Outcome::Unknown(UnknownCause::kDegraded, name + " (" + flag + "): no answer for minutes");
    case SourceState::kLive: break;
  }
  return Outcome::Pass();
}

Outcome SourceMissing(Kind kind, SourceState state) {
  if (const SourceWords source = SourceOf(kind); !source.flag.empty()) return SourceMissing(source, state);
  const std::string name(Info(kind).name);
  switch (state) {
    case SourceState::kOff: return Outcome::Na(name + " objects are switched off by configuration");
    case SourceState::kOffline:
      return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows it: needs " + name + " objects");
    case SourceState::kPending:
      return Outcome::Unknown(UnknownCause::kPending, name + " objects are not in the cache yet");
    case SourceState::kAbsent:
      return Outcome::Unknown(UnknownCause::kAbsent, "the cluster does not serve " + name + " objects");
    case SourceState::kDenied:
      return Outcome::Unknown(UnknownCause::kDenied, "no permission to list " + std::string(Info(kind).resource) +
                                                         ": grant get, list and watch");
    case SourceState::kDegraded:
      return Outcome::Unknown(UnknownCause::kDegraded, name + " objects: no answer for minutes");
    case SourceState::kLive: break;
  }
  return Outcome::Pass();
}

Outcome Gated(const Check& check, Context& context, const Snapshot& snapshot) {
  if (check.subject == SubjectType::kWorkload && !check.applies_to.empty() &&
      !check.applies_to.Has(context.workload().workload_class)) {
    return Outcome::Na("does not apply to a " + context.workload().kind_name.str());
  }
  if (check.applies != nullptr) {
    if (const std::string_view why = check.applies(context); !why.empty()) return Outcome::Na(Words::Borrow(why));
  }
  std::optional<Kind> missing;
  check.needs.ForEach([&](Kind kind) {
    if (!missing && snapshot.State(kind) != SourceState::kLive) missing = kind;
  });
  if (missing) return SourceMissing(*missing, snapshot.State(*missing));
  return check.run(context);
}

}  // namespace

SubjectType TypeOf(const SubjectRef& ref) {
  if (ref.workload != nullptr) return SubjectType::kWorkload;
  if (ref.budget != nullptr) return SubjectType::kBudget;
  if (ref.ns != nullptr) return SubjectType::kNamespace;
  if (ref.node != nullptr) return SubjectType::kNode;
  return SubjectType::kCluster;
}

void Bind(Context& context, const SubjectRef& ref, Tier tier) {
  switch (TypeOf(ref)) {
    case SubjectType::kWorkload: context.Of(*ref.workload, tier); break;
    case SubjectType::kBudget: context.Of(*ref.budget, *ref.ns); break;
    case SubjectType::kNamespace: context.Of(*ref.ns); break;
    case SubjectType::kNode: context.Of(*ref.node); break;
    case SubjectType::kCluster: break;
  }
}

Outcome UnreadableSubject(std::string_view why) {
  return Outcome::Unknown(UnknownCause::kUnreadable,
                          "the object cannot be read as it is now: " + std::string(why.substr(0, kMaxReason)));
}

Outcome RunCheck(const Check& check, Context& context, const Snapshot& snapshot, std::span<const double> params) {
  context.Use(check, params);
  context.ClearTouched();
  try {
    return Gated(check, context, snapshot);
  } catch (const std::exception& error) {  // one poisonous object must not stop the others
    return Outcome::Unknown(UnknownCause::kUnreadable, std::string("the check failed: ") + error.what());
  }
}

}  // namespace seaworthy::score
