#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context&) {
  return Outcome::Unknown(
      UnknownCause::kNotDeclared,
      "no review of its design is attested: create an Attestation with checks [twelve-factor-review]");
}

}  // namespace

constinit const Check kTwelveFactorReview = {
    .id = "twelve-factor-review",
    .title = "The application was reviewed against the twelve factors",
    .section = Section::kDesign,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 365,
    .rule =
        "Unknown until people vouch for a review with an Attestation, which holds for a year at most. What a cluster "
        "shows of the factors has checks of its own: stateless-deployment, config-injected, logs-to-stdout, "
        "grace-period.",
    .why =
        "An application that keeps state in its processes, its configuration in its image or its logs in files cannot "
        "be scaled, moved or restarted by Kubernetes, whatever its manifest says.",
    .fix =
        "Go through 12factor.net with the people who build it, write down what deviates and why, and create an "
        "Attestation with checks: [twelve-factor-review].",
    .source = "A. Application design: twelve-factor design",
    .traps =
        "Twelve factors are no boolean: this is no roll-up of other checks, and silence is neither a pass nor a fail.",
    .run = Run,
};

}  // namespace seaworthy::checks
