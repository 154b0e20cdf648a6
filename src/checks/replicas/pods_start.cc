#include <algorithm>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/starting_pods.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minutes", 10, "a pod may take so long to be scheduled and to get its images"}};

std::string_view Applies(const Context& context) {
  return ScaledToZero(context.workload()) ? kScaledToZero : std::string_view();
}

// The kubelet alternates between the error and its back-off: one word for both, or the message would change by itself.
std::string_view Trouble(std::string_view reason) {
  if (reason == "ImagePullBackOff" || reason == "ErrImagePull") return "the image cannot be pulled (ImagePullBackOff)";
  if (reason == "InvalidImageName") return "the image's name is invalid (InvalidImageName)";
  if (reason == "ErrImageNeverPull") return "the image is not on the node and may not be pulled (ErrImageNeverPull)";
  if (reason == "CreateContainerConfigError")
    return "the container's configuration cannot be made (CreateContainerConfigError)";
  if (reason == "CreateContainerError") return "the container cannot be created (CreateContainerError)";
  return {};
}

struct Finding {
  std::string text;
  Text container;
  std::string path;
  Timestamp since;
};

// What keeps the pod from starting; an empty text when nothing does. Its first trouble in the order of the spec.
Finding Look(const Context& context, const Pod& pod) {
  const Condition* scheduled = FindCondition(pod.conditions, "PodScheduled");
  if (scheduled != nullptr && scheduled->is_false() && scheduled->reason == "Unschedulable") {
    return {
        "no node takes the pod (Unschedulable)", {}, {}, scheduled->since.set() ? scheduled->since : pod.meta.created};
  }
  if (pod.spec == nullptr) return {};
  for (const Container& container : pod.spec->containers) {
    if (container.role == ContainerRole::kEphemeral) continue;
    const auto status = std::find_if(pod.containers.begin(), pod.containers.end(),
                                     [&](const ContainerStatus& s) { return s.name == container.name; });
    if (status == pod.containers.end()) continue;
    const std::string_view trouble = Trouble(status->waiting_reason);
    if (trouble.empty()) continue;
    std::string text = std::string(RoleWord(container)) + " " + container.name.str() + ": " + std::string(trouble);
    if (status->waiting_reason == "CreateContainerConfigError") {
      if (!status->waiting_message.empty()) text += ": " + status->waiting_message.str();
    } else if (status->waiting_reason != "CreateContainerError") {
      text += ": " + container.image.str();
    }
    return {std::move(text), container.name, ContainerPath(context.workload(), container, ""), NotReadySince(pod)};
  }
  return {};
}

Outcome Run(const Context& context) {
  const std::vector<const Pod*>& pods = context.CurrentPods();
  if (pods.empty()) return Outcome::Na("it has no pods of its current revision");
  const auto minutes = static_cast<std::int64_t>(context.Param("minutes"));
  std::vector<Finding> findings;
  Timestamp next;
  bool stuck = false;
  for (const Pod* pod : pods) {
    Finding finding = Look(context, *pod);
    const bool creating = finding.text.empty() && IsBeingCreated(*pod);
    if (finding.text.empty() && !creating) continue;
    const std::int64_t crosses = (creating ? NotReadySince(*pod) : finding.since).seconds + minutes * 60;
    if (context.now_seconds() <= crosses) {
      if (!next.set() || crosses < next.seconds) next = {crosses + 1};
      continue;
    }
    stuck |= creating;
    if (creating) continue;
    const auto same = std::find_if(findings.begin(), findings.end(),
                                   [&](const Finding& other) { return other.text == finding.text; });
    if (same == findings.end()) {
      findings.push_back(std::move(finding));
    } else {
      same->since = std::min(same->since, finding.since);
    }
  }
  if (findings.empty() && stuck) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "a pod has been in ContainerCreating for more than " + std::to_string(minutes) +
                                " minutes: its events say why (a volume, a ConfigMap or Secret to mount, the network)")
        .RecheckAt(next);
  }
  if (findings.empty()) return Outcome::Pass().RecheckAt(next);
  // Which pod stands first changes as they are replaced; the texts do not.
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) { return a.text < b.text; });
  std::string message = "for more than " + std::to_string(minutes) + " minutes: ";
  constexpr std::size_t kShown = 3;
  Timestamp since = findings.front().since;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    since = std::min(since, findings[i].since);
    if (i < kShown) message += (i == 0 ? "" : "; ") + findings[i].text;
  }
  if (findings.size() > kShown) message += "; and more";
  Outcome outcome = Outcome::Fail(std::move(message)).At(findings.front().path).Since(since).RecheckAt(next);
  outcome.container = findings.front().container;
  return outcome;
}

}  // namespace

constinit const Check kPodsStart = {
    .id = "pods-start",
    .title = "Pods of the current revision can start",
    .section = Section::kReplicas,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails when a pod of the current revision has been Unschedulable, or a container of it in ImagePullBackOff, "
        "ErrImagePull, InvalidImageName, ErrImageNeverPull, CreateContainerConfigError or CreateContainerError, for "
        "more than 10 minutes, with the reason; rollouts are no excuse. Unknown where one has been in "
        "ContainerCreating for so long, of which the status gives no reason. Not applicable at 0 replicas and without "
        "pods; unknown in a scan.",
    .why =
        "The rollout hangs, or the replicas that are missing will never come: the next eviction takes one that "
        "nothing replaces.",
    .fix =
        "Unschedulable: see requests-schedulable, selectors, taints and claims. Image: check the name, the tag, and "
        "the imagePullSecrets. Configuration: create the ConfigMap or Secret key that the message names.",
    .source = "E. Replicas and serving: stays available when a pod is recreated or deployed",
    .traps =
        "Pods of older revisions are not judged, and pods held by scheduling gates are not unschedulable. "
        "CrashLoopBackOff is not-restarting's.",
    .reads = {Kind::kPod},
    .needs = {Kind::kPod},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
