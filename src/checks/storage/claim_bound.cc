#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/claims.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) { return HasClaims(context) ? std::string_view() : kNoClaims; }

// Such a class binds a claim only when a pod that mounts it has been given a node.
bool WaitsForItsPod(const Context& context, const ClaimClass& storage) {
  const bool waits = storage.object == nullptr ? !Usable(context, Kind::kStorageClass)
                                               : storage.object->binding_mode == "WaitForFirstConsumer";
  return waits && std::none_of(context.Pods().begin(), context.Pods().end(),
                               [](const Pod* pod) { return !pod->IsTerminal() && !pod->meta.deleted.set(); });
}

std::string WhyPending(const Context& context, const ClaimUse& use, const ClaimClass& storage) {
  if (!Usable(context, Kind::kStorageClass) || storage.object != nullptr || !use.claim->volume.empty()) return {};
  if (storage.by_default) return ": it names no StorageClass and the cluster has no default";
  if (storage.name.empty()) return ": it waits for a volume that is made by hand";
  return ": StorageClass " + storage.name.str() + " does not exist";
}

Outcome Run(const Context& context) {
  Findings findings(context);
  Timestamp since;
  const auto fail = [&](const std::string& what, Timestamp from) {
    findings.Add(Verdict::kFail, {}, what);
    if (from.set() && (!since.set() || from < since)) since = from;
  };
  for (const ClaimUse& use : ClaimsUsed(context)) {
    if (use.claim == nullptr) {
      // The StatefulSet's controller makes those of its templates.
      if (use.made_from == nullptr) fail(use.what + " does not exist", {});
      continue;
    }
    const PersistentVolumeClaim& claim = *use.claim;
    const std::string name = "claim " + claim.meta.name.str();
    if (claim.phase == "Lost") {
      fail(name + " is Lost: volume " + claim.volume.str() + " is gone", {});
    } else if (claim.meta.deleted.set()) {
      fail(name + " is marked for deletion: it goes, and its data, as soon as no pod uses it", claim.meta.deleted);
    } else if (claim.phase != "Bound") {
      const ClaimClass storage = ClassOf(context, use);
      if (!WaitsForItsPod(context, storage))
        fail(name + " is Pending" + WhyPending(context, use, storage), claim.meta.created);
    }
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  outcome.since = since;
  return outcome;
}

}  // namespace

constinit const Check kClaimBound = {
    .id = "claim-bound",
    .title = "Claims are bound to volumes",
    .section = Section::kStorage,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .holds = true,
    .rule =
        "Fails when, for 10 minutes, a claim of the workload is Pending, is Lost, is marked for deletion, or does not "
        "exist; a reason that is plain to see is named. Passes a claim that is Pending because its StorageClass waits "
        "for the first consumer and no pod is there (scaled to 0, a CronJob between runs). Not applicable without "
        "claims; only a cluster shows it.",
    .why =
        "A pod whose claim is not bound does not start. One whose claim is marked for deletion runs on until its next "
        "restart, and then its data is gone.",
    .fix =
        "kubectl describe pvc shows why: no such StorageClass, no default, a quota, a zone without disks. A claim that "
        "is marked for deletion cannot be unmarked: copy the data before the pod goes.",
    .source = "M. Volumes: volumes of the right size",
    .traps =
        "Claims that a StatefulSet has not made yet are its controller's business. A claim left over from a larger "
        "replica count is judged as well: its data may be needed again.",
    .reads = {Kind::kPersistentVolumeClaim, Kind::kStorageClass, Kind::kPod},
    .needs = {Kind::kPersistentVolumeClaim},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
