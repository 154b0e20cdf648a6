#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/image_facts.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"warnDays", 180, "since the build: more warn"},
    {"failDays", 365, "more fail"},
};

constexpr std::int64_t kDay = 24 * 3600;
// Reproducible builds stamp 1970 (ko, jib, Bazel, Nix) or 1980 (zip's first day): no image is older than 1990.
constexpr std::int64_t kFirstPlausible = 631'152'000;

Outcome Run(const Context& context) {
  Findings findings(context);
  const auto warn = static_cast<std::int64_t>(context.Param("warnDays")),
             fail = static_cast<std::int64_t>(context.Param("failDays"));
  Timestamp recheck;
  for (const ImageFacts& image : RegistryFacts(context)) {
    const std::string name = "image " + std::string(image.image);
    if (image.facts == nullptr) {
      findings.Add(Verdict::kUnknown, context.workload(), *image.container, "image",
                   name + ": " + image.problem + image.Suffix());
      continue;
    }
    const std::int64_t created = image.facts->IntAt("created").value_or(0);
    if (created < kFirstPlausible) {
      findings.Add(Verdict::kUnknown, context.workload(), *image.container, "image",
                   name + " is of a reproducible build, which stamps no date" + image.Suffix());
      continue;
    }
    const std::int64_t age = context.now_seconds() - created;
    for (const std::int64_t days : {warn, fail}) {
      const std::int64_t turns = created + days * kDay + 1;
      if (turns > context.now_seconds() && (!recheck.set() || turns < recheck.seconds)) recheck.seconds = turns;
    }
    if (age <= warn * kDay) continue;
    const bool fails = age > fail * kDay;
    findings.Add(fails ? Verdict::kFail : Verdict::kWarn, context.workload(), *image.container, "image",
                 name + " was built more than " + std::to_string(fails ? fail : warn) + " days ago" + image.Suffix());
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  outcome.recheck = recheck;
  return outcome;
}

}  // namespace

constinit const Check kImageAge = {
    .id = "image-age",
    .title = "Images are built anew now and then",
    .section = Section::kImages,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Asks the registry once for the configuration of each digest that runs. Warns when an image was built more "
        "than 180 days ago, fails above 365 days. Unknown where the build stamps no date, where no pod has run or the "
        "runtime reports no digest, where the registry does not give it, and in a scan. Not applicable without "
        "--registry-lookups.",
    .why =
        "Packages and the base image are as old as the build. Whatever was found in them since is in the image, and a "
        "build that has not run for a year mostly does not run any more when it is needed in a hurry.",
    .fix = "Rebuild on a schedule, on a fresh base image and with the packages of the day, and deploy the result.",
    .source = "B. Images: packages and base up to date",
    .traps =
        "The age of a pod, or of a tag, is not the image's: the date is of the digest that runs. A date of 1970 or "
        "1980 is a reproducible build's and says nothing. That the image is new does not mean that its base is: "
        "image-base-supported and image-updates look into it.",
    .reads = {Kind::kImageConfig, Kind::kPod},
    .needs = {Kind::kImageConfig, Kind::kPod},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
