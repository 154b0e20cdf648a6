#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/image_reference.h"
#include "checks/common/judged_images.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"warnMiB", 500, "larger than this warns, in MiB as the registry has it (compressed)"},
    {"failMiB", 1500, "larger than this fails"},
    {"nodeLists", 50, "images that a node lists at most (the kubelet's nodeStatusMaxImages)"},
};

constexpr std::int64_t kMiB = 1024 * 1024;
// Pods of one revision run the same image: a few of them tell.
constexpr std::size_t kPodsAsked = 4;

// containerd reports what was downloaded; Docker and CRI-O what it unpacks to, about twice as much. Others are given
// the benefit of the doubt.
bool ReportsUnpacked(const Node& node) { return !node.runtime_version.view().starts_with("containerd:"); }

struct Size {
  std::int64_t bytes = 0;
  bool unpacked = false;
  bool at_most = false;  // not listed by a node that lists its full number: the kubelet lists the largest
};

// Docker Hub's images stand under their short names with some runtimes.
bool IsShortFor(std::string_view name, std::string_view canonical) {
  if (!canonical.ends_with(name)) return false;
  canonical.remove_suffix(name.size());
  return canonical.empty() || canonical == "docker.io/" || canonical == "docker.io/library/";
}

bool IsListedAs(const NodeImage& image, std::string_view canonical, std::string_view digest) {
  return std::any_of(image.names.begin(), image.names.end(), [&](const Text& text) {
    const std::string_view name = text;
    if (name.empty() || canonical.empty()) return false;
    // Nearly every pair ends here: a node lists a hundred names.
    const bool short_for = name.back() == canonical.back() && IsShortFor(name, canonical);
    return short_for || (!digest.empty() && name.back() == digest.back() && name.ends_with(digest));
  });
}

std::optional<Size> SizeOn(const Node& node, std::string_view canonical, std::string_view digest, std::size_t full) {
  for (const NodeImage& image : node.images) {
    if (IsListedAs(image, canonical, digest)) return Size{image.bytes, ReportsUnpacked(node), false};
  }
  if (node.images.size() < full) return std::nullopt;
  std::int64_t smallest = node.images.front().bytes;
  for (const NodeImage& image : node.images) smallest = std::min(smallest, image.bytes);
  return Size{smallest, ReportsUnpacked(node), true};
}

// The largest that any of the nodes asked reports: which pod stands first must not matter.
std::optional<Size> SizeOf(const Context& context, std::span<const Pod* const> pods, const Container& container,
                           const std::string& canonical) {
  const auto full = static_cast<std::size_t>(std::max(1.0, context.Param("nodeLists")));
  std::optional<Size> found;
  std::size_t asked = 0;
  for (const Pod* pod : pods) {
    if (pod->node.empty()) continue;
    const auto status = std::find_if(pod->containers.begin(), pod->containers.end(), [&](const ContainerStatus& s) {
      return s.name == container.name && !s.image_id.empty();
    });
    if (status == pod->containers.end()) continue;
    const NodeRecord* record = context.FindNode(pod->node);
    if (record == nullptr || record->node == nullptr || record->node->images.empty()) continue;
    const std::optional<Size> size = SizeOn(*record->node, canonical, DigestOfImageId(status->image_id), full);
    // A size that is listed says more than a bound.
    if (size && (!found || (found->at_most && !size->at_most) ||
                 (found->at_most == size->at_most && size->bytes > found->bytes)))
      found = size;
    if (++asked == kPodsAsked) break;
  }
  return found;
}

Outcome Run(const Context& context) {
  std::span<const Pod* const> pods = context.CurrentPods();
  // A CronJob's pods have mostly ended: their images are still on the nodes.
  if (pods.empty()) pods = context.Pods();
  const bool ran = std::any_of(pods.begin(), pods.end(), [](const Pod* pod) { return !pod->node.empty(); });
  if (!ran)
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "no pod of it has run: only a node that runs an image lists its size");
  const double warn = context.Param("warnMiB"), fail = context.Param("failMiB");
  Findings findings(context);
  for (const JudgedImage& judged : JudgedImages(context, false)) {
    const Container& container = *judged.container;
    const std::optional<ImageReference> reference = ParseImageReference(judged.image);
    const std::string canonical = reference ? reference->Canonical() : std::string(judged.image);
    const std::optional<Size> size = SizeOf(context, pods, container, canonical);
    const double mib = size ? static_cast<double>(size->bytes) / kMiB : 0;
    const double scale = size && size->unpacked ? 2 : 1;
    const bool small = size && mib <= warn * scale;
    if (small) continue;
    const std::string image = "image " + std::string(judged.image) + judged.Suffix();
    if (!size) {
      findings.Add(Verdict::kUnknown, context.workload(), container, "image",
                   "its nodes do not list the size of " + image);
    } else if (size->at_most) {
      findings.Add(Verdict::kUnknown, context.workload(), container, "image",
                   "its nodes do not list the size of " + image + ", and the smallest that they list is large already");
    } else {
      const bool fails = mib > fail * scale;
      findings.Add(fails ? Verdict::kFail : Verdict::kWarn, context.workload(), container, "image",
                   image + " is larger than " +
                       std::to_string(static_cast<std::int64_t>((fails ? fail : warn) * scale)) + " MiB" +
                       (size->unpacked ? " unpacked" : ""));
    }
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) {
    outcome.cause = UnknownCause::kNotObserved;
    outcome.message += "; a kubelet lists 50 images unless nodeStatusMaxImages says otherwise";
  }
  return outcome;
}

}  // namespace

constinit const Check kImageSize = {
    .id = "image-size",
    .title = "Images are small",
    .section = Section::kImages,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when the image of every container and sidecar takes at most 500 MiB, warns above, fails above 1500 "
        "MiB, as the nodes that run it list it in status.images under its normalised name or its digest; twice that "
        "for runtimes that report unpacked sizes (all but containerd). An image that is absent from a node with a "
        "full list of 50 is at most as large as the smallest listed. Unknown when no node lists it, no pod has run, "
        "or in a scan.",
    .why =
        "A large image is pulled on every new node and after every eviction: minutes in which the replica is missing, "
        "most of all when many pods move at once. What makes it large, compilers, caches and packages, is also what "
        "attackers use.",
    .fix =
        "Build in stages and copy only the result into a small base (distroless, alpine, -slim); look at the layers "
        "with dive or docker history.",
    .source = "B. Images: small images, no build leftovers",
    .traps =
        "Shared base layers are counted in each image. Runtimes for machine learning are large for a reason: raise "
        "warnMiB and failMiB by policy or waive. Init containers are not asked. An image that no node lists is "
        "unknown, not small.",
    .reads = {Kind::kPod, Kind::kNode},
    .needs = {Kind::kPod, Kind::kNode},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
