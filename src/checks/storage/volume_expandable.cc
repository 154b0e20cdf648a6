#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/claims.h"
#include "checks/common/findings.h"
#include "checks/common/local_storage.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) { return HasClaims(context) ? std::string_view() : kNoClaims; }

Outcome Run(const Context& context) {
  if (!context.offline()) {
    if (auto missing = Missing(context, Kind::kPersistentVolumeClaim)) return *std::move(missing);
    if (auto missing = Missing(context, Kind::kStorageClass)) return *std::move(missing);
  }
  Findings findings(context);
  std::size_t judged = 0;
  std::string_view left_out = "its volumes were made and bound by hand: no StorageClass stands behind them";
  std::map<std::string, std::string> not_expandable;  // by class: whose
  for (const ClaimUse& use : ClaimsUsed(context)) {
    if (use.claim == nullptr && use.made_from == nullptr) {
      // In a cluster claim-bound says so.
      if (context.offline())
        findings.Add(Verdict::kUnknown, {}, use.what + " is not among the files: add it, and its StorageClass");
      continue;
    }
    const ClaimClass storage = ClassOf(context, use);
    if (storage.object == nullptr) {
      if (!context.offline()) continue;
      if (storage.by_default) {
        findings.Add(Verdict::kUnknown, {}, use.what + ": the cluster's default StorageClass is not among the files");
      } else if (!storage.name.empty()) {
        findings.Add(Verdict::kUnknown, {},
                     use.what + ": StorageClass " + storage.name.str() + " is not among the files");
      }
      continue;
    }
    if (HasNoSizeOfItsOwn(storage.object->provisioner)) {
      left_out = "its volumes are folders that share a disk: they have no size of their own";
      continue;
    }
    ++judged;
    if (storage.object->expandable) continue;
    std::string& whose = not_expandable[storage.name.str()];
    if (whose.find(use.what) == std::string::npos) whose += (whose.empty() ? "" : ", ") + use.what;
  }
  for (const auto& [name, whose] : not_expandable) {
    findings.Add(Verdict::kFail, {}, "StorageClass " + name + " does not allow volume expansion (" + whose + ")");
  }
  if (findings.empty() && judged == 0) return Outcome::Na(std::string(left_out));
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotInInput;
  return outcome;
}

}  // namespace

constinit const Check kVolumeExpandable = {
    .id = "volume-expandable",
    .title = "Volumes can be made larger while they are in use",
    .section = Section::kStorage,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when the StorageClass of each claim has allowVolumeExpansion: true, fails when one has not; a claim "
        "that names no class has the cluster's default. Unknown in a scan where the class is not among the files. Not "
        "applicable without claims, for volumes bound by hand (storageClassName \"\", or a class that does not exist), "
        "and for provisioners whose volumes are folders without a size of their own (local-path, hostPath, NFS "
        "subfolders).",
    .why =
        "The size that was chosen at first is wrong sooner or later. Without expansion a full volume means a new "
        "claim, a copy and downtime, in the night in which it has run full.",
    .fix =
        "Set allowVolumeExpansion: true on the StorageClass if its driver can: it holds for volumes that exist, too. "
        "Otherwise move to a class that can. A StatefulSet's volumeClaimTemplates stay as they are: enlarge the claims "
        "themselves.",
    .source = "M. Volumes: volumes of the right size",
    .aged =
        "The article says that a volume cannot be enlarged while it is bound, so its size has to be right at once. "
        "Since Kubernetes 1.24 online expansion is stable; what matters today is that the class allows it, and that "
        "somebody sees the volume fill up (volume-usage).",
    .traps =
        "Of several default classes the youngest counts, as in the admission plugin. Whether the driver expands online "
        "or wants the pod restarted is not seen.",
    .reads = {Kind::kPersistentVolumeClaim, Kind::kStorageClass, Kind::kPod},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
