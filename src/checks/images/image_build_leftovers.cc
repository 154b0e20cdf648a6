#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/image_facts.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const ImageFacts& image : RegistryFacts(context)) {
    const std::string name = "image " + std::string(image.image);
    if (image.facts == nullptr) {
      findings.Add(Verdict::kUnknown, context.workload(), *image.container, "image",
                   name + ": " + image.problem + image.Suffix());
      continue;
    }
    std::string what;
    for (const Extension::Fact* leftover : image.facts->All("leftovers[]"))
      what += (what.empty() ? "" : ", ") + ("\"" + leftover->value.str() + "\"");
    if (!what.empty())
      findings.Add(Verdict::kWarn, context.workload(), *image.container, "image",
                   name + " has in its history " + what + image.Suffix());
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  return outcome;
}

}  // namespace

constinit const Check kImageBuildLeftovers = {
    .id = "image-build-leftovers",
    .title = "Images hold no leftovers of their build",
    .section = Section::kImages,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Reads the history in the configuration of each digest that runs. Warns when a step of it keeps what only the "
        "build needs: package lists and caches (apt, apk, dnf, pip, npm, ...), compilers and toolchains, or a "
        "repository's .git. Passes otherwise. Unknown and not applicable as image-age.",
    .why =
        "What the build leaves behind is pulled on every node, makes findings of every scanner longer, and hands an "
        "attacker a compiler and the whole history of the source.",
    .fix =
        "Build in one stage and copy the result into a second; delete caches in the same RUN that fills them, or mount "
        "them (RUN --mount=type=cache); list .git in .dockerignore.",
    .source = "B. Images: small images, no build leftovers",
    .aged =
        "The article deletes caches by hand. Multi-stage builds and cache mounts of BuildKit keep them out from the "
        "start.",
    .traps =
        "Only the final stage is in the history, so earlier stages may hold what they like. Steps whose layer is under "
        "5 MiB are not looked at. BuildKit's history does not show cache mounts: its steps of pip, npm and yarn are "
        "left out, and those of apt, apk and dnf are found though a mount may hold what they keep (waive that). Steps "
        "of the base image count: they are in the image. Words that could be credentials are not quoted.",
    .reads = {Kind::kImageConfig, Kind::kPod},
    .needs = {Kind::kImageConfig, Kind::kPod},
    .run = Run,
};

}  // namespace seaworthy::checks
