#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/starting_pods.h"
#include "checks/configuration/references.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return ConfigReferencesOf(context.spec()).empty() ? "the template refers to no ConfigMap or Secret"
                                                    : std::string_view();
}

enum class Cause : std::uint8_t { kNone, kMissing, kOther, kUnsaid };

// The kubelet's words (kubelet_pods.go makeEnvironmentVariables): `configmap "x" not found`, `secret "x" not found`,
// "couldn't find key k in ConfigMap ns/x", "references non-existent secret key: k". The same reason stands for what is
// no reference at all ("container has runAsNonRoot and image will run as root").
Cause CauseOf(const ContainerStatus& status) {
  if (status.waiting_reason != "CreateContainerConfigError") return Cause::kNone;
  const std::string_view text = status.waiting_message;
  if (text.empty()) return Cause::kUnsaid;
  for (const std::string_view words : {"not found", "couldn't find key", "non-existent"}) {
    if (text.find(words) != std::string_view::npos) return Cause::kMissing;
  }
  return Cause::kOther;
}

Outcome Run(const Context& context) {
  Findings findings(context);
  Timestamp since;
  // A missing ConfigMap or Secret that is mounted shows in nothing but this.
  constexpr std::int64_t kCreatingSeconds = 600;
  bool any_pod = false, unsaid = false, stuck = false;
  Timestamp next;
  std::vector<std::pair<Text, Text>> told;  // container, message: pods of one template say the same
  for (const Pod* pod : context.CurrentPods()) {
    any_pod = true;
    if (IsBeingCreated(*pod)) {
      const std::int64_t crosses = NotReadySince(*pod).seconds + kCreatingSeconds;
      stuck |= context.now_seconds() > crosses;
      if (context.now_seconds() <= crosses && (!next.set() || crosses < next.seconds)) next = {crosses + 1};
    }
    for (const ContainerStatus& status : pod->containers) {
      const Cause cause = CauseOf(status);
      unsaid |= cause == Cause::kUnsaid;
      if (cause != Cause::kMissing) continue;
      const Timestamp began = NotReadySince(*pod);
      if (!since.set() || began < since) since = began;
      const std::pair what(status.name, status.waiting_message);
      if (std::find(told.begin(), told.end(), what) != told.end()) continue;
      told.push_back(what);
      const PodSpec& spec = pod->spec != nullptr ? *pod->spec : context.spec();
      const auto container = std::find_if(spec.containers.begin(), spec.containers.end(),
                                          [&](const Container& c) { return c.name == status.name; });
      const std::string text = "cannot be made: " + status.waiting_message.str();
      if (container != spec.containers.end()) {
        findings.Add(Verdict::kFail, context.workload(), *container, "", text);
      } else {
        findings.Add(Verdict::kFail, {}, "container " + status.name.str() + ": " + text);
      }
    }
  }
  if (!any_pod) return Outcome::Na("it has no pods of its current revision");
  if (findings.empty() && unsaid) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "a container is in CreateContainerConfigError, and the reason is not told");
  }
  if (findings.empty() && stuck) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "a pod has been in ContainerCreating for more than 10 minutes, and the status does not say "
                            "whether a ConfigMap or Secret that it mounts is missing: its events do")
        .RecheckAt(next);
  }
  return std::move(findings).Finish(Outcome::Pass()).Since(since).RecheckAt(next);
}

}  // namespace

constinit const Check kConfigReferencesExist = {
    .id = "config-references-exist",
    .title = "The ConfigMaps and Secrets that it refers to exist",
    .section = Section::kConfiguration,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .holds = true,
    .rule =
        "Fails when a container of a pod of the current revision has been in CreateContainerConfigError for 10 minutes "
        "because a ConfigMap, a Secret or a key of one is missing; the kubelet's reason is quoted. Passes when no pod "
        "is. Unknown where a pod has been in ContainerCreating for so long. Not applicable where the template refers "
        "to none, and without pods; unknown in a scan, for what a manifest refers to need not be among the files.",
    .why = "The container never starts. An old pod that runs on hides it until that one is moved to another node.",
    .fix =
        "Create the object or key that the message names, correct the name, or mark the reference optional: true where "
        "the program can do without it.",
    .source = "I. Configuration: configuration and secrets injected",
    .traps =
        "No Secret is ever read: the kubelet's word is quoted. CreateContainerConfigError for other reasons "
        "(runAsNonRoot with an image of root) is pods-start's. A volume whose ConfigMap or Secret is missing keeps the "
        "pod in ContainerCreating, of which the status gives no reason: hence unknown then.",
    .reads = {Kind::kPod},
    .needs = {Kind::kPod},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
