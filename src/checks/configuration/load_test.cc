#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context&) {
  return Outcome::Unknown(UnknownCause::kNotDeclared,
                          "nobody attests a load test: an Attestation of load-test with its date and its report does");
}

}  // namespace

constinit const Check kLoadTest = {
    .id = "load-test",
    .title = "It was tested under the load that it is to carry",
    .section = Section::kConfiguration,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Attested for at most 180 days by an Attestation or ClusterAttestation of load-test; unknown without one. Not "
        "applicable to CronJobs.",
    .why =
        "Whether workers, pools, memory and the database together carry the expected traffic shows only under traffic; "
        "the first load test should not be the opening day.",
    .fix =
        "Run a load test against the release with the expected peak, and write an Attestation with performedAt, "
        "evidence (the report's URL) and a note of what was reached. With forImage or forGeneration it lapses with the "
        "next release.",
    .source = "I. Configuration: load tests before going live",
    .traps =
        "A load test that finished is not one that was passed, and a test environment is not production: who attests "
        "vouches for both.",
    .run = Run,
};

}  // namespace seaworthy::checks
