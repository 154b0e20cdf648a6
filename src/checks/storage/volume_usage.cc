#include <algorithm>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/claims.h"
#include "checks/common/facts_named.h"
#include "checks/common/findings.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"failPercent", 3, "less free bytes or inodes than this fail"},
    {"warnPercent", 15, "less than this fails when the volume will be full within 4 days, and warns while it fills"},
    {"wasteGiB", 50, "volumes up to this size are never too large"},
    {"wastePercent", 10, "of a larger one less than this used for 7 days warns"},
};

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

std::string_view Applies(const Context& context) { return HasClaims(context) ? std::string_view() : kNoClaims; }

// What nobody can write to is full by design.
bool IsReadOnly(const PersistentVolumeClaim& claim) {
  return !claim.access_modes.empty() && std::all_of(claim.access_modes.begin(), claim.access_modes.end(),
                                                    [](const Text& mode) { return mode == "ReadOnlyMany"; });
}

std::string Percent(double value) { return std::to_string(static_cast<std::int64_t>(value)) + " %"; }

void Judge(const Context& context, const std::string& name, const Extension& stats, Findings& findings) {
  const double fail = context.Param("failPercent"), warn = context.Param("warnPercent");
  const OptInt free = stats.IntAt("freePercent"), inodes = stats.IntAt("inodesFreePercent"),
               capacity = stats.IntAt("capacityBytes");
  const auto below = [](OptInt percent, double bound) {
    return percent.has_value() && static_cast<double>(*percent) < bound;
  };
  if (below(free, fail)) {
    findings.Add(Verdict::kFail, "", "claim " + name + ": less than " + Percent(fail) + " of its bytes are free");
  } else if (below(inodes, fail)) {
    findings.Add(Verdict::kFail, "", "claim " + name + ": less than " + Percent(fail) + " of its inodes are free");
  } else if (below(free, warn) && stats.Has("fullWithinDays")) {
    findings.Add(Verdict::kFail, "",
                 "claim " + name + ": less than " + Percent(warn) +
                     " is free, and full within 4 days by the trend of the last 6 hours");
  } else if (below(free, warn) && stats.Has("filling")) {
    findings.Add(Verdict::kWarn, "", "claim " + name + ": less than " + Percent(warn) + " is free, and it is filling");
  } else if (capacity.value_or(0) > static_cast<std::int64_t>(context.Param("wasteGiB")) * kGiB &&
             stats.Has("observedDays") && below(stats.IntAt("usedPercentAtMost"), context.Param("wastePercent"))) {
    findings.Add(Verdict::kWarn, "",
                 "claim " + name + ": of " + std::to_string(*capacity / kGiB) + " GiB less than " +
                     Percent(context.Param("wastePercent")) + " was used in the last 7 days");
  }
}

// The kubelet tells of what it has mounted, and of nothing else.
bool IsMounted(const Context& context, const Text& claim) {
  return std::any_of(context.Pods().begin(), context.Pods().end(), [&](const Pod* pod) {
    return pod->phase == "Running" && pod->spec != nullptr &&
           std::any_of(pod->spec->volumes.begin(), pod->spec->volumes.end(), [&](const Volume& volume) {
             return volume.source == VolumeSource::kClaim && volume.reference == claim;
           });
  });
}

Outcome Run(const Context& context) {
  Findings findings(context);
  bool any = false;
  std::string left_out;
  for (const ClaimUse& use : ClaimsUsed(context)) {
    if (use.claim == nullptr || IsReadOnly(*use.claim)) continue;
    const std::string name = use.name.str();
    const Extension* stats = FindNamed(context.Here(Kind::kVolumeStats), name);
    const bool known = stats != nullptr && stats->IntAt("freePercent").has_value();
    // Those of a CronJob between its runs, of replicas that were scaled away.
    if (!known && Usable(context, Kind::kPod) && !IsMounted(context, use.name)) {
      left_out += (left_out.empty() ? "" : ", ") + name;
      continue;
    }
    any = true;
    if (!known) {
      findings.Add(Verdict::kUnknown, "",
                   "claim " + name +
                       ": Prometheus has no kubelet_volume_stats of it (is it mounted, does the driver report usage?)");
      continue;
    }
    Judge(context, name, *stats, findings);
  }
  if (!any) {
    return Outcome::Na(left_out.empty() ? "none of its claims exists and can be written to"
                                        : "no running pod mounts " + left_out + ", so there are no figures");
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  if (!left_out.empty())
    outcome.message += (outcome.message.empty() ? "" : "; ") + ("left out, as no running pod mounts it: " + left_out);
  return outcome;
}

}  // namespace

constinit const Check kVolumeUsage = {
    .id = "volume-usage",
    .title = "Volumes have room, and not far too much",
    .section = Section::kStorage,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .rule =
        "Reads kubelet_volume_stats_* from Prometheus every 5 minutes. Fails when less than 3 % of a claim's bytes or "
        "inodes are free, or less than 15 % and by the trend of the last 6 hours it is full within 4 days. Warns below "
        "15 % while it fills, and when a volume of more than 50 GiB was less than 10 % used for 7 days. Passes "
        "otherwise. Unknown for a claim that a running pod mounts and Prometheus has no figures of, and in a scan. Not "
        "applicable without claims, while no running pod mounts one, and without --prometheus-url.",
    .why =
        "A full volume stops a database in the middle of a write, and some do not start again without help. A volume "
        "that is far too large is paid for every month and copied with every backup.",
    .fix =
        "Expand the claim (kubectl patch pvc ... spec.resources.requests.storage) where its class allows it, delete or "
        "move old data, and shorten retention; make the next volume smaller.",
    .source = "M. Volumes: of the right size",
    .aged =
        "The article has volumes sized once, since they could not be changed. Claims are expandable while bound since "
        "Kubernetes 1.24 where the class allows it, so what matters is to see in time that one fills.",
    .traps =
        "A volume that is full and stays as it is is no alarm above 3 %: databases allocate in advance. Claims that "
        "are ReadOnlyMany are left out. File systems without a fixed number of inodes report 0 of 0. Volumes of a "
        "driver without usage figures are unknown, not empty. The kubelet measures what it has mounted: a claim that "
        "no running pod mounts is left out, and named.",
    .reads = {Kind::kVolumeStats, Kind::kPersistentVolumeClaim, Kind::kPod},
    .needs = {Kind::kVolumeStats, Kind::kPersistentVolumeClaim},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
