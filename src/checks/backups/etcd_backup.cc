#include <string>

#include "checks/all_checks.h"
#include "checks/common/control_plane.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const ControlPlane plane = FindControlPlane(context);
  if (plane.managed()) return Outcome::Na("the control plane is managed by somebody else (" + plane.managed_by + ")");
  return Outcome::Unknown(
      UnknownCause::kNotDeclared,
      "nobody has said that etcd is backed up: no API shows it; attest it (ClusterAttestation, checks: [etcd-backup])");
}

}  // namespace

constinit const Check kEtcdBackup = {
    .id = "etcd-backup",
    .title = "The cluster's own state is backed up",
    .section = Section::kBackups,
    .severity = Severity::kMedium,
    .subject = SubjectType::kCluster,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Attested by whoever sees that snapshots of etcd (or of the database that stands in its place) are taken and "
        "kept elsewhere, for at most 180 days; unknown without. Not applicable where a provider manages the control "
        "plane, which nodes show by their labels or versions.",
    .why =
        "When etcd is lost, so is every object of the cluster: what is not in Git as well, such as certificates, "
        "claims and their volumes, is hard to find again.",
    .fix =
        "Run etcdctl snapshot save from a timer on a control-plane node (k3s and RKE2 have it built in), copy the "
        "snapshots away with the certificates of /etc/kubernetes/pki, and write a ClusterAttestation.",
    .source = "N. Backups: backups of stateful data",
    .traps = "Velero backs up objects through the API and is no replacement: it cannot bring back a control plane.",
    .reads = {Kind::kNode},
    .needs = {Kind::kNode},
    .run = Run,
};

}  // namespace seaworthy::checks
