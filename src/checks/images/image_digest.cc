#include <optional>
#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/image_reference.h"
#include "checks/common/judged_images.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const JudgedImage& judged : JudgedImages(context, false)) {
    const std::string image = "image " + std::string(judged.image);
    const std::optional<ImageReference> reference = ParseImageReference(judged.image);
    if (!reference) {
      findings.Add(Verdict::kUnknown, context.workload(), *judged.container, "image",
                   image + " cannot be read as a reference" + judged.Suffix());
    } else if (reference->digest.empty()) {
      findings.Add(Verdict::kFail, context.workload(), *judged.container, "image",
                   image + " has no digest" + judged.Suffix());
    }
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kImageDigest = {
    .id = "image-digest",
    .title = "Images are pinned by digest",
    .section = Section::kImages,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .rule =
        "Shown, not scored: passes when the image of every container and sidecar has a digest, fails when one has "
        "none, unknown when a reference cannot be read.",
    .why =
        "Whoever may push to a registry may move any tag. A digest names the bytes: every pod of a revision runs the "
        "same ones, and what was scanned and tested is what runs.",
    .fix =
        "Let the pipeline write the digest beside the tag (web:1.4.2@sha256:...); Renovate, Flux and kustomize keep "
        "it up to date.",
    .source = "B. Images: specific version, never latest",
    .traps = "Immutable tags in the registry serve the same end and cannot be seen from here: the check informs only.",
    .reads = {Kind::kPod},
    .run = Run,
};

}  // namespace seaworthy::checks
