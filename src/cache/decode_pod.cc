// Pods and nodes: what there is most of, and what changes most often.
#include <memory>
#include <utility>

#include "cache/credentials_fact.h"
#include "cache/decode_fields.h"
#include "cache/quantity.h"
#include "seaworthy/objects.h"

namespace seaworthy::cache {
namespace {

constexpr std::size_t kMaxWaitingMessage = 256;

Terminated DecodeTerminated(const Decoding& d, const Node& node) {
  Terminated terminated;
  if (!node.is_object()) return terminated;
  terminated.reason = d.Str(node["reason"]);
  terminated.exit_code = Int32(node["exitCode"]);
  terminated.signal = Int32(node["signal"]);
  terminated.started = Time(node["startedAt"]);
  terminated.finished = Time(node["finishedAt"]);
  return terminated;
}

// "CreateContainerConfigError", "CreateContainerError": their message names the missing ConfigMap or key. Others name
// images, which are known.
Text WaitingMessage(const Decoding& d, const Node& waiting) {
  constexpr std::string_view kCreate = "CreateContainer";
  if (waiting["reason"].text().substr(0, kCreate.size()) != kCreate) return {};
  const std::string_view message = CutUtf8(waiting["message"].text(), kMaxWaitingMessage);
  return FindCredential(message) ? Text() : d.Intern(message);
}

void DecodeContainerStatuses(const Decoding& d, const Node& list, bool init, List<ContainerStatus>& statuses) {
  if (!list.is_array()) return;
  for (const Node& node : list) {
    ContainerStatus status;
    status.name = d.Str(node["name"]);
    status.image_id = d.Str(node["imageID"]);
    status.ready = True(node["ready"]);
    status.started = True(node["started"]);
    status.init = init;
    status.restarts = Int32(node["restartCount"]);
    const Node& state = node["state"];
    if (const Node& running = state["running"]; running.is_object()) {
      status.running = true;
      status.running_since = Time(running["startedAt"]);
    }
    if (const Node& waiting = state["waiting"]; waiting.is_object()) {
      status.waiting_reason = d.Str(waiting["reason"]);
      status.waiting_message = WaitingMessage(d, waiting);
    }
    if (const Node& end = state["terminated"]; end.is_object()) status.terminated = DecodeTerminated(d, end);
    if (const Node& end = node["lastState"]["terminated"]; end.is_object())
      status.last_terminated = DecodeTerminated(d, end);
    statuses.push_back(std::move(status));
  }
}

// Those that somebody reads: of a pod that runs, one of five. That it was scheduled its node says, too.
List<Condition> DecodePodConditions(const Decoding& d, const Node& list) {
  List<Condition> conditions;
  if (!list.is_array()) return conditions;
  for (const Node& node : list) {
    const std::string_view type = node["type"].text();
    if (type == "Ready" || type == "DisruptionTarget" || (type == "PodScheduled" && node["status"].text() != "True"))
      conditions.push_back(DecodeCondition(d, node));
  }
  return conditions;
}

// The kubelet's words (pkg/kubelet/eviction): a limit that was exceeded, or a node that ran out of it.
bool IsAboutStorage(std::string_view message) {
  for (std::string_view sign : {"ephemeral local storage", "ephemeral-storage", "Usage of EmptyDir volume"}) {
    if (message.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

bool OfDaemonSet(const ObjectMeta& meta) {
  const OwnerRef* controller = meta.Controller();
  return controller != nullptr && controller->kind == "DaemonSet";
}

}  // namespace

ObjectPtr DecodePod(Decoding& d, const Node& node) {
  auto pod = std::make_unique<Pod>();
  if (!DecodeMeta(d, node, {}, pod->meta)) return nullptr;
  const Node& spec = node["spec"];
  const Node& status = node["status"];
  pod->node = d.Str(spec["nodeName"]);
  // A Pod manifest is judged as a template; a live pod's nodeName is the scheduler's word, not the author's.
  const SpecOf of = spec.line() != 0                               ? SpecOf::kTemplate
                    : OfDaemonSet(pod->meta) && !pod->node.empty() ? SpecOf::kDaemonPod
                                                                   : SpecOf::kPod;
  pod->spec = DecodePodSpec(d, spec, "spec", of);
  if (pod->spec == nullptr) return nullptr;
  pod->phase = d.Str(status["phase"]);
  pod->reason = d.Str(status["reason"]);
  pod->evicted_for_storage = pod->reason == "Evicted" && IsAboutStorage(status["message"].text());
  for (std::string_view key : {"pod-template-hash", "controller-revision-hash", "rollouts-pod-template-hash"}) {
    if (const Text* value = pod->meta.labels.Find(key)) {
      pod->template_hash_label = *value;
      break;
    }
  }
  pod->mirror = pod->meta.annotations.Has("kubernetes.io/config.mirror");
  pod->started = Time(status["startTime"]);
  pod->conditions = DecodePodConditions(d, status["conditions"]);
  const Node& init = status["initContainerStatuses"];
  const Node& main = status["containerStatuses"];
  pod->containers.reserve((init.is_array() ? init.size() : 0) + (main.is_array() ? main.size() : 0));
  DecodeContainerStatuses(d, init, true, pod->containers);
  DecodeContainerStatuses(d, main, false, pod->containers);
  return pod;
}

ObjectPtr DecodeNode(Decoding& d, const Node& source) {
  auto node = std::make_unique<seaworthy::Node>();
  if (!DecodeMeta(d, source, {}, node->meta)) return nullptr;
  const Node& spec = source["spec"];
  const Node& status = source["status"];
  node->unschedulable = True(spec["unschedulable"]);
  node->provider_id = d.Str(spec["providerID"]);
  for (const Node& taint : spec["taints"]) {
    node->taints.push_back({d.Str(taint["key"]), d.Loose(taint["value"]), d.Str(taint["effect"])});
    if (taint["key"].text() == "node.kubernetes.io/unschedulable") node->cordoned_since = Time(taint["timeAdded"]);
  }
  node->conditions = DecodeConditions(d, status["conditions"]);
  const Node& allocatable = status["allocatable"];
  node->allocatable = DecodeAmounts(d, allocatable);
  if (const auto pods = QuantityValue(allocatable["pods"].scalar())) node->allocatable_pods = *pods;
  erase_if(node->allocatable.extended, [](const ResourceAmounts::Extended& amount) { return amount.name == "pods"; });
  const Node& info = status["nodeInfo"];
  node->kubelet_version = d.Str(info["kubeletVersion"]);
  node->runtime_version = d.Str(info["containerRuntimeVersion"]);
  node->architecture = d.Str(info["architecture"]);
  node->os = d.Str(info["operatingSystem"]);
  const Node& images = status["images"];
  if (images.is_array()) {
    node->images.reserve(images.size());
    for (const Node& image : images)
      node->images.push_back({d.Strings(image["names"]), image["sizeBytes"].Int().value_or(0)});
  }
  return node;
}

}  // namespace seaworthy::cache
