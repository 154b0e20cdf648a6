#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/image_reference.h"
#include "checks/common/judged_images.h"
#include "checks/common/moving_tags.h"
#include "checks/common/paths.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsBareMajor(std::string_view tag) {
  if (tag.starts_with('v') || tag.starts_with('V')) tag.remove_prefix(1);
  // Longer numbers are builds and dates (1847, 20261124), which nobody moves.
  return !tag.empty() && tag.size() <= 2 &&
         std::all_of(tag.begin(), tag.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <std::size_t N>
bool IsOneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [word](std::string_view other) { return EqualsIgnoringCase(word, other); });
}

// "alpine3.20" without its number: "alpine".
std::string_view WithoutNumber(std::string_view word) {
  while (!word.empty() && ((word.back() >= '0' && word.back() <= '9') || word.back() == '.')) word.remove_suffix(1);
  return word;
}
bool IsVariant(std::string_view word) { return IsOneOf(WithoutNumber(word), kTagVariants); }

// "16-alpine" without what the image is built on or for: "16". Empty where that is all there is.
std::string_view WithoutVariants(std::string_view tag) {
  while (true) {
    const std::size_t dash = tag.rfind('-');
    const std::string_view last = dash == std::string_view::npos ? tag : tag.substr(dash + 1);
    if (IsVariant(last)) {
      if (dash == std::string_view::npos) return {};
      tag = tag.substr(0, dash);
      continue;
    }
    // "debian-12"
    const std::string_view rest = dash == std::string_view::npos ? std::string_view() : tag.substr(0, dash);
    const std::string_view before = rest.substr(rest.rfind('-') + 1);
    if (rest.empty() || !WithoutNumber(last).empty() || !IsOneOf(before, kTagVariants)) return tag;
    tag = rest;
  }
}

// Why the image is not pinned; empty when it is.
std::string Complaint(std::string_view image) {
  if (image.empty()) return "no image is named, so which version runs is decided elsewhere";
  const std::optional<ImageReference> reference = ParseImageReference(image);
  if (!reference) return "image " + std::string(image) + " is not a reference that a container runtime accepts";
  if (!reference->digest.empty()) return {};
  const std::string_view tag = reference->tag;
  if (tag.empty()) return "image " + std::string(image) + " has no tag, which means latest; want a version or a digest";
  constexpr std::string_view kLatestSuffix = "-latest";
  constexpr std::string_view kSnapshotSuffix = "-snapshot";  // Maven's word for a version that is not out yet
  const auto ends_in = [tag](std::string_view suffix) {
    return tag.size() > suffix.size() && EqualsIgnoringCase(tag.substr(tag.size() - suffix.size()), suffix);
  };
  const bool suffixed = ends_in(kLatestSuffix) || ends_in(kSnapshotSuffix);
  const std::string_view version = WithoutVariants(tag);
  if (version.empty() || IsOneOf(version, kMovingTags) || suffixed)
    return "image " + std::string(image) + " has a tag that moves; want a version or a digest";
  if (IsBareMajor(version))
    return "image " + std::string(image) +
           " has a bare major version, a tag that moves; want a full version or a digest";
  return {};
}

std::string Placeholder(std::string_view image) {
  return "image " + std::string(image) + " is a placeholder: scan what the tool that fills it in prints";
}

// One image as it runs on one kind of node: what has to be the same everywhere. Runtimes give ids in forms of their
// own, so only ids of one runtime are compared.
struct Running {
  Text container, image, architecture;
  std::string_view runtime;
  std::string_view digest;
  bool by_repository = false;  // of the registry's manifest, else of the local image's configuration
};

std::string_view RuntimeName(std::string_view version) { return version.substr(0, version.find(':')); }

// Containers whose one reference gave different images within the current revision.
void CompareRunningImages(const Context& context, Findings& findings) {
  std::vector<Running> seen;
  std::vector<Text> reported;
  for (const Pod* pod : context.CurrentPods()) {
    if (pod->spec == nullptr || pod->node.empty()) continue;
    const NodeRecord* record = context.FindNode(pod->node);
    // Another architecture's image is another image; without the node it cannot be told which it is.
    if (record == nullptr || record->node == nullptr) continue;
    for (const ContainerStatus& status : pod->containers) {
      const auto container = std::find_if(pod->spec->containers.begin(), pod->spec->containers.end(),
                                          [&](const Container& c) { return c.name == status.name; });
      if (container == pod->spec->containers.end() || (*container)->role == ContainerRole::kEphemeral) continue;
      const std::string_view digest = DigestOfImageId(status.image_id);
      // A reference by digest names one image, even where a multi-architecture index shows as different ids.
      if (digest.empty() || (*container)->image.view().find('@') != std::string_view::npos) continue;
      const Running running{(*container)->name,
                            (*container)->image,
                            record->node->architecture,
                            RuntimeName(record->node->runtime_version),
                            digest,
                            status.image_id.view().find('@') != std::string_view::npos};
      const auto same = std::find_if(seen.begin(), seen.end(), [&](const Running& other) {
        return other.container == running.container && other.image == running.image &&
               other.architecture == running.architecture && other.runtime == running.runtime &&
               other.by_repository == running.by_repository;
      });
      if (same == seen.end()) {
        seen.push_back(running);
      } else if (same->digest != digest &&
                 std::find(reported.begin(), reported.end(), (*container)->name) == reported.end()) {
        reported.push_back((*container)->name);
        findings.Add(Verdict::kFail, context.workload(), **container, "image",
                     "pods of one revision run different images for " + (*container)->image.str() +
                         ": the tag was moved; want a digest");
      }
    }
  }
}

Outcome Run(const Context& context) {
  Findings findings(context);
  const PodSpec& spec = context.spec();
  bool unresolved = false, unrendered = false;
  for (const JudgedImage& judged : JudgedImages(context, true)) {
    if (judged.unresolved) {
      unresolved = true;
      findings.Add(Verdict::kUnknown, context.workload(), *judged.container, "image",
                   "image auto is replaced at admission, and no pod shows by what");
    } else if (context.offline() && IsPlaceholder(judged.image)) {
      unrendered = true;
      findings.Add(Verdict::kUnknown, context.workload(), *judged.container, "image", Placeholder(judged.image));
    } else if (std::string complaint = Complaint(judged.image); !complaint.empty()) {
      findings.Add(Verdict::kFail, context.workload(), *judged.container, "image", complaint + judged.Suffix());
    }
  }
  for (const Volume& volume : spec.volumes) {
    if (volume.source != VolumeSource::kImage) continue;
    const std::string path =
        std::string(TemplatePath(context.workload())) + ".volumes[name=" + volume.name.str() + "].image.reference";
    if (context.offline() && IsPlaceholder(volume.reference)) {
      unrendered = true;
      findings.Add(Verdict::kUnknown, path, "volume " + volume.name.str() + ": " + Placeholder(volume.reference));
    } else if (const std::string complaint = Complaint(volume.reference); !complaint.empty()) {
      findings.Add(Verdict::kFail, path, "volume " + volume.name.str() + ": " + complaint);
    }
  }
  const bool running_known = Usable(context, Kind::kPod) && Usable(context, Kind::kNode);
  if (running_known) CompareRunningImages(context, findings);
  if (findings.empty() && !running_known) {
    return Outcome::Pass(
        context.offline() ? "pinned; whether all pods run the same image is seen in a cluster only"
                          : "pinned; whether all pods run the same image is not known: pods or nodes cannot be read");
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown)
    outcome.cause = unresolved && !unrendered ? UnknownCause::kNotObserved : UnknownCause::kNotInInput;
  return outcome;
}

}  // namespace

constinit const Check kImageTag = {
    .id = "image-tag",
    .title = "Images are pinned to a version",
    .section = Section::kImages,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .rule =
        "Every image of containers, sidecars, init containers and image volumes has a digest, or a tag that is not "
        "known to move. Fails without either; with latest, anything that ends in -latest, stable, main, master, edge, "
        "dev, nightly, lts, prod and their like, alone or with a variant behind (lts-slim), a variant alone (alpine), "
        "or a bare major number of one or two digits (16, v2, 16-alpine); with a reference that no runtime accepts; "
        "and when pods of one revision on nodes of one architecture run different images for one reference. Unknown "
        "for Istio's image: auto where no pod shows what replaces it, and in a scan for placeholders (ko://, $(IMAGE), "
        "{{ .Values.image }}).",
    .why =
        "A tag that moves turns every restart and every new node into an unplanned, untested release, makes pods of "
        "one revision differ, and leaves nothing to roll back to.",
    .fix =
        "Name the full version (registry.example/web:1.4.2), or better the digest (web:1.4.2@sha256:...), and let the "
        "pipeline change it.",
    .source = "B. Images: specific version, never latest",
    .traps =
        "A port is not a tag (registry:5000/web has none), and a digest beside latest pins. Longer bare numbers are "
        "builds or dates and pass. Istio's image: auto is judged by what the pods run, and injected containers are "
        "judged with the others. Tags of a minor version (1.27, 1.27-alpine) pass, although publishers move them: "
        "image-digest tells. In a scan only the manifests are judged: a Kustomize base or a Kubebuilder project "
        "names images that kustomize replaces (controller:latest), so scan what kustomize build prints. Other linters "
        "refuse no tag and latest alone.",
    .reads = {Kind::kPod, Kind::kNode},
    .run = Run,
};

}  // namespace seaworthy::checks
