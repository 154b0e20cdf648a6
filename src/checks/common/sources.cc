#include "checks/common/sources.h"

#include <string>

namespace seaworthy::checks {
namespace {

// CHECKLIST section 1: in a scan the input is a closed world for what selects its workloads.
constexpr KindSet kClosedWorld = {Kind::kService, Kind::kPodDisruptionBudget, Kind::kHorizontalPodAutoscaler,
                                  Kind::kScaledObject, Kind::kNetworkPolicy};

}  // namespace

bool Usable(const Context& context, Kind kind) {
  return context.State(kind) == SourceState::kLive || (context.offline() && kClosedWorld.Has(kind));
}

std::optional<Outcome> Missing(const Context& context, Kind kind) {
  if (Usable(context, kind)) return std::nullopt;
  const std::string name(Info(kind).resource);
  switch (context.State(kind)) {
    case SourceState::kLive: break;
    case SourceState::kPending: return Outcome::Unknown(UnknownCause::kPending, name + " are not known yet");
    case SourceState::kAbsent: return Outcome::Unknown(UnknownCause::kAbsent, "the cluster does not serve " + name);
    case SourceState::kDenied:
      return Outcome::Unknown(UnknownCause::kDenied, "no permission to read " + name + ": grant get, list and watch");
    case SourceState::kOff: return Outcome::Na(name + " are switched off by configuration");
    case SourceState::kOffline: return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows " + name);
    case SourceState::kDegraded:
      return Outcome::Unknown(UnknownCause::kDegraded, name + " have not been answered for minutes");
  }
  return std::nullopt;
}

}  // namespace seaworthy::checks
