#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minimum", 2, "replicas that there have to be at least"}};
constexpr std::string_view kSingleton = "seaworthy.dev/singleton";
constexpr std::size_t kMaxReason = 120;

std::string_view Applies(const Context& context) {
  return ScaledToZero(context.workload()) ? kScaledToZero : std::string_view();
}

// KEDA makes an HorizontalPodAutoscaler of its ScaledObject, and writes 1 where the ScaledObject says 0. That is all
// there is where ScaledObjects cannot be read.
const OwnerRef* UnreadScaledObject(const ReplicaBounds& bounds) {
  const HorizontalPodAutoscaler* autoscaler = bounds.autoscaler;
  if (autoscaler == nullptr || bounds.scaled_object != nullptr) return nullptr;
  const OwnerRef* owner = autoscaler->meta.Controller();
  return owner != nullptr && owner->kind == "ScaledObject" ? owner : nullptr;
}

Outcome Judge(const Context& context) {
  const Workload& workload = context.workload();
  const auto wanted = static_cast<std::int64_t>(context.Param("minimum"));
  const ReplicaBounds& bounds = EffectiveReplicas(context);
  if (bounds.minimum >= wanted) return Outcome::Pass();
  const OwnerRef* unread = UnreadScaledObject(bounds);
  const bool autoscaled = bounds.autoscaler != nullptr || bounds.scaled_object != nullptr;
  if (autoscaled && (bounds.minimum == 0 || unread != nullptr)) {
    const bool zero = bounds.minimum == 0;
    const std::string who = unread != nullptr ? "ScaledObject/" + unread->name.str()
                            : bounds.scaled_object != nullptr
                                ? "ScaledObject/" + bounds.scaled_object->meta.name.str()
                                : "HorizontalPodAutoscaler/" + bounds.autoscaler->meta.name.str();
    const std::string may = who + (zero ? " may take it to 0 replicas" : " may take it to 1 replica, or to 0");
    if (!Usable(context, Kind::kService)) return *Missing(context, Kind::kService);
    if (context.Serving())
      return Outcome::Fail(may + " while a Service sends it traffic; want at least " + std::to_string(wanted));
    if (zero) return Outcome::Na(may + ", and no Service selects its pods");
    const std::string which = may + ": which of them is in the ScaledObject, which ";
    if (context.State(Kind::kScaledObject) == SourceState::kDenied)
      return Outcome::Unknown(UnknownCause::kDenied,
                              which + "cannot be read: grant get, list and watch of scaledobjects");
    return Outcome::Unknown(UnknownCause::kNotObserved, which + "is not there");
  }
  if (const std::string_view reason = workload.meta.annotations.Get(kSingleton); !reason.empty()) {
    return Outcome::Warn("a single replica on purpose: " + std::string(reason.substr(0, kMaxReason)))
        .At("spec.replicas");
  }
  if (workload.workload_class == WorkloadClass::kPod) {
    return Outcome::Fail("a pod by itself is one replica; want a controller with at least " + std::to_string(wanted));
  }
  const std::string number = std::to_string(bounds.minimum) + (bounds.minimum == 1 ? " replica" : " replicas");
  if (workload.workload_class == WorkloadClass::kOther && context.record().rollout == nullptr && !autoscaled) {
    return Outcome::Fail("its controller runs " + number + "; want at least " + std::to_string(wanted));
  }
  return Outcome::Fail("at least " + number + " by " + bounds.source + "; want " + std::to_string(wanted))
      .At(autoscaled ? "" : "spec.replicas");
}

Outcome Run(const Context& context) {
  // What an autoscaler says wins over spec.replicas, so without knowing of one nothing is known.
  if (!Usable(context, Kind::kHorizontalPodAutoscaler) && context.ScaledObjects().empty() &&
      context.workload().replicas.value_or(1) < static_cast<std::int64_t>(context.Param("minimum"))) {
    return *Missing(context, Kind::kHorizontalPodAutoscaler);
  }
  Outcome outcome = Judge(context);
  if (context.tier() == Tier::kCritical) outcome.severity = Severity::kCritical;
  return outcome;
}

// Two replicas of a stateless Deployment; what keeps data has to replicate it first.
std::string MakePatch(const Context& context) {
  const Workload& workload = context.workload();
  if (workload.workload_class != WorkloadClass::kDeployment || !context.Autoscalers().empty() ||
      !context.ScaledObjects().empty())
    return {};
  const auto& volumes = context.spec().volumes;
  const bool keeps_data = std::any_of(volumes.begin(), volumes.end(), [](const Volume& volume) {
    return volume.source == VolumeSource::kClaim || volume.source == VolumeSource::kHostPath;
  });
  if (keeps_data || !workload.meta.annotations.Get(kSingleton).empty()) return {};
  const auto wanted = static_cast<std::int64_t>(context.Param("minimum"));
  return Patch(workload).Spec("\"replicas\":" + std::to_string(wanted)).Build();
}

}  // namespace

constinit const Check kReplicas = {
    .id = "replicas",
    .title = "There are at least two replicas of everything",
    .section = Section::kReplicas,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .rule =
        "Passes when the effective minimum is at least 2: a KEDA ScaledObject's minReplicaCount (0 where it is not "
        "set) or lower idleReplicaCount, else a HorizontalPodAutoscaler's minReplicas, else spec.replicas (1 where it "
        "is not set; an Argo Rollout's too), else, for pods of other controllers, the pods there are. Fails below; "
        "critical in tier critical. Annotation seaworthy.dev/singleton with a reason warns instead. An autoscaler that "
        "may go to 0 fails for a workload behind a Service and is not applicable for others. Not applicable to "
        "DaemonSets, CronJobs, and at 0 replicas.",
    .why =
        "One replica is down whenever its node is drained or fails, its pod is evicted, or the container restarts; "
        "and every rollout that does not overlap is an outage.",
    .fix =
        "Set spec.replicas, or the autoscaler's minReplicas, to 2 or more: databases, caches and proxies too, by "
        "their own replication. Where only one may work at a time, use leader election and keep a standby, or say why "
        "in seaworthy.dev/singleton.",
    .source = "E. Replicas and serving: at least 2 replicas of everything, databases too",
    .traps =
        "What an autoscaler says wins over spec.replicas, which it overwrites, and a ScaledObject over the "
        "HorizontalPodAutoscaler that KEDA makes of it, which says 1 for a minimum of 0. One that is paused without a "
        "number of replicas counts for nothing. Leader election excuses nothing: the second replica is the standby "
        "that it elects from. What must not run twice (kube-state-metrics, a scheduler without election) says so in "
        "seaworthy.dev/singleton. Two replicas of a database that do not replicate are not seen. Before its pods are "
        "there, or in a scan, a Rollout that takes its template from a Deployment (workloadRef) is that Deployment.",
    .reads = {Kind::kHorizontalPodAutoscaler, Kind::kScaledObject, Kind::kService},
    .params = kParams,
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
