#include <string>

#include "checks/all_checks.h"
#include "checks/common/claims.h"
#include "checks/common/local_storage.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  return Rebuildable(context);
}

struct Local {
  std::string what, path;
};

// The first volume that is on a node's own disk; empty: none. `unclear`: what is not known of the others.
Local FindLocal(const Context& context, std::string& unclear) {
  const PodSpec& spec = context.spec();
  for (const Volume& volume : spec.volumes) {
    if (volume.source != VolumeSource::kHostPath || !MayKeepData(volume.reference) || !IsMountedWritable(spec, volume))
      continue;
    return {"volume " + volume.name.str() + " is hostPath " + volume.reference.str(),
            std::string(TemplatePath(context.workload())) + ".volumes[name=" + volume.name.str() + "].hostPath"};
  }
  if (!HasClaims(context)) return {};
  for (const ClaimUse& use : ClaimsUsed(context)) {
    const PersistentVolume* volume =
        use.claim != nullptr && !use.claim->volume.empty() ? context.FindVolume(use.claim->volume) : nullptr;
    if (volume != nullptr) {
      if (IsLocal(*volume)) return {use.what + ": the volume is on the disk of one node", {}};
      continue;
    }
    if (use.claim == nullptr && use.made_from == nullptr) {
      if (context.offline()) unclear = use.what + " is not among the files";
      continue;
    }
    const ClaimClass storage = ClassOf(context, use);
    if (storage.object != nullptr && IsLocalProvisioner(storage.object->provisioner)) {
      return {use.what + ": StorageClass " + storage.name.str() + " makes volumes on the disk of one node (" +
                  storage.object->provisioner.str() + ")",
              {}};
    }
    if (storage.object == nullptr && context.offline())
      unclear = use.what + ": " +
                (storage.by_default ? "the default StorageClass" : "StorageClass " + storage.name.str()) +
                " is not among the files";
  }
  return {};
}

Outcome Run(const Context& context) {
  if (HasClaims(context) && !context.offline()) {
    for (const Kind kind : {Kind::kPersistentVolumeClaim, Kind::kPersistentVolume, Kind::kStorageClass}) {
      if (auto missing = Missing(context, kind)) return *std::move(missing);
    }
  }
  std::string unclear;
  const Local local = FindLocal(context, unclear);
  if (local.what.empty()) {
    if (!unclear.empty()) return Outcome::Unknown(UnknownCause::kNotInInput, std::move(unclear));
    return Outcome::Na("it keeps no data on a node's own disk");
  }
  if (!Usable(context, Kind::kHorizontalPodAutoscaler) && context.workload().replicas.value_or(1) < 2)
    return *Missing(context, Kind::kHorizontalPodAutoscaler);
  const ReplicaBounds& bounds = EffectiveReplicas(context);
  if (bounds.minimum >= 2) return Outcome::Pass();
  return Outcome::Fail(local.what + ", and it may run as a single replica (" + bounds.source + " " +
                       std::to_string(bounds.minimum) + "): the data is gone with the node; want at least 2")
      .At(local.path);
}

}  // namespace

constinit const Check kLocalStorageReplicated = {
    .id = "local-storage-replicated",
    .title = "Data on a node's own disk has a second replica",
    .section = Section::kStorage,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .rule =
        "Looks at workloads with a claim whose volume is bound to one node (local, hostPath, node affinity to a host "
        "name; where there is no volume yet, a StorageClass of a local provisioner) or with a hostPath that a "
        "container may write to. Passes when the effective minimum (autoscaler's, else spec.replicas) is 2 or more, "
        "fails below. Not applicable where no data is on a node's own disk, for rebuildable data and at 0 replicas.",
    .why =
        "A local volume lives and dies with its node, and its pod waits for that node to come back. Nothing but the "
        "application itself replicates what is on it.",
    .fix =
        "Run at least two replicas of a store that replicates (a database cluster, Kafka, MinIO), or move to a "
        "StorageClass that is reached over the network. If the data is a cache, say so: annotation seaworthy.dev/data: "
        "rebuildable.",
    .source = "M. Volumes: local storage replicated",
    .traps =
        "Two replicas are not yet replication: that is the application's, and attested by nobody here. Zonal cloud "
        "disks and replicated storage (Longhorn, Ceph, LINSTOR with several replicas) are not local. hostPaths that "
        "are read-only, sockets, devices and the node's own folders hold no data.",
    .reads = {Kind::kScaledObject, Kind::kPersistentVolumeClaim, Kind::kPersistentVolume, Kind::kStorageClass,
              Kind::kHorizontalPodAutoscaler, Kind::kPod},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
