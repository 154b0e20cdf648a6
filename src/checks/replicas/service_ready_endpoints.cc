#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  if (!Usable(context, Kind::kService)) return "";  // Run says why it is not known
  return context.Serving() ? "" : "no Service selects its pods";
}

// Pods are sorted by name.
const Pod* FindPod(const Context& context, const Text& name) {
  const auto pods = context.Pods();
  const auto found = std::lower_bound(pods.begin(), pods.end(), name,
                                      [](const Pod* pod, const Text& wanted) { return pod->meta.name < wanted; });
  return found != pods.end() && (*found)->meta.name == name ? *found : nullptr;
}

// Of this workload: another one behind the same Service, a canary's twin, does not serve for it.
bool HasReadyEndpoint(const Context& context, const Service& service) {
  for (const EndpointSlice* slice : context.SlicesOf(service)) {
    for (const Endpoint& endpoint : slice->endpoints) {
      // With publishNotReadyAddresses `ready` is always true, and `serving` says what the pod's readiness is.
      if (endpoint.terminating || !(service.publish_not_ready ? endpoint.serving : endpoint.ready)) continue;
      if (FindPod(context, endpoint.pod) != nullptr) return true;
    }
  }
  return false;
}

// When the last of its pods stopped being ready; unset when it cannot be told.
Timestamp UnreadySince(const Context& context) {
  Timestamp last;
  for (const Pod* pod : context.Pods()) {
    const Condition* ready = FindCondition(pod->conditions, "Ready");
    if (ready == nullptr || ready->is_true() || !ready->since.set()) return {};
    last = std::max(last, ready->since);
  }
  return last;
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kService)) return *std::move(missing);
  const SelectingList<Service>& services = context.Services();
  std::string names;
  int count = 0;
  constexpr int kShown = 3;
  for (const Service* service : services.items) {
    if (HasReadyEndpoint(context, *service)) continue;
    if (++count > kShown) continue;
    names += (count == 1 ? "" : ", ") + service->meta.name.str();
  }
  if (count > 0) {
    if (count > kShown) names += " and others";
    return Outcome::Fail("none of its pods is a ready endpoint of " +
                         std::string(count == 1 ? "Service " : "Services ") + names)
        .Since(UnreadySince(context));
  }
  if (services.truncated) {
    return Outcome::Unknown(UnknownCause::kUnreadable,
                            "more Services select its pods than are looked at; those that are have ready endpoints");
  }
  return Outcome::Pass();
}

}  // namespace

constinit const Check kServiceReadyEndpoints = {
    .id = "service-ready-endpoints",
    .title = "Services have a ready endpoint",
    .section = Section::kReplicas,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .penalty_only = true,
    .holds = true,
    .hold_minutes = 5,
    .rule =
        "Fails when for 5 minutes no pod of the workload has been a ready, non-terminating endpoint of one of the "
        "Services that select it. Not applicable without a Service and at 0 replicas; unknown in a scan and without "
        "EndpointSlices.",
    .why = "Nobody answers behind that name: clients get connection errors, whatever the number of replicas says.",
    .fix =
        "See why the pods are not ready: kubectl describe shows the failing readiness probe. If they are, compare the "
        "Service's selector and the pods' readiness gates.",
    .source = "E. Replicas and serving: stays available when a pod is recreated or deployed",
    .traps =
        "Ready endpoints are no successful requests. Services that publish not-ready addresses are judged by the "
        "pods' readiness. Where several workloads share a Service, each is asked for its own pods.",
    .reads = {Kind::kService, Kind::kEndpointSlice, Kind::kPod},
    .needs = {Kind::kEndpointSlice, Kind::kPod},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
