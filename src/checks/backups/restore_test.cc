#include "checks/all_checks.h"
#include "checks/common/claims.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (!HasClaims(context)) return kNoClaims;
  return Rebuildable(context);
}

Outcome Run(const Context& context) {
  if (auto na = HoldsBackups(context)) return *std::move(na);
  return Outcome::Unknown(
      UnknownCause::kNotDeclared,
      "nobody has said that a restore was tried: no API shows it; attest it (Attestation, checks: [restore-test])");
}

}  // namespace

constinit const Check kRestoreTest = {
    .id = "restore-test",
    .title = "A restore from backup has been tried",
    .section = Section::kBackups,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Attested by whoever restored the data into a place of its own and looked at it, for at most 180 days; unknown "
        "without. Not applicable without claims, for rebuildable data, and for what makes the backups of another "
        "workload (seaworthy.dev/backup-of).",
    .why =
        "A backup that was never restored is a hope. Missing keys, wrong formats and a restore that takes two days "
        "show only when it is tried.",
    .fix =
        "Restore the newest backup into a namespace of its own, start the application on it, note how long it took, "
        "and write an Attestation with the evidence.",
    .source = "N. Backups: backups of stateful data",
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
