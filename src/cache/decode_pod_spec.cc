// The pod template's spec, and its sharing between pods.
#include <optional>
#include <utility>

#include "cache/decode_fields.h"
#include "cache/spec_table.h"

namespace seaworthy::cache {
namespace {

// In-tree network volumes and gitRepo are all that is left: the restricted Pod Security Standard refuses them.
void DecodeVolumeSource(const Decoding& d, const Node& source, Volume& volume) {
  const std::string_view key = source.key();
  if (key == "emptyDir") {
    volume.source = VolumeSource::kEmptyDir;
    const std::string_view medium = source["medium"].text();
    volume.memory = medium == "Memory";
    volume.huge_pages = medium.starts_with("HugePages");
    volume.size_limit = QuantityBytes(source["sizeLimit"]);
  } else if (key == "hostPath") {
    volume.source = VolumeSource::kHostPath;
    volume.reference = d.Str(source["path"]);
  } else if (key == "persistentVolumeClaim") {
    volume.source = VolumeSource::kClaim;
    volume.reference = d.Str(source["claimName"]);
    volume.read_only = True(source["readOnly"]);
  } else if (key == "configMap") {
    volume.source = VolumeSource::kConfigMap;
    volume.reference = d.Str(source["name"]);
  } else if (key == "secret") {
    volume.source = VolumeSource::kSecret;
    volume.reference = d.Str(source["secretName"]);
  } else if (key == "projected") {
    volume.source = VolumeSource::kProjected;
  } else if (key == "downwardAPI") {
    volume.source = VolumeSource::kDownwardApi;
  } else if (key == "csi") {
    volume.source = VolumeSource::kCsi;
    volume.reference = d.Str(source["driver"]);
    volume.read_only = True(source["readOnly"]);
  } else if (key == "ephemeral") {
    volume.source = VolumeSource::kEphemeral;
  } else if (key == "image") {
    volume.source = VolumeSource::kImage;
    volume.reference = d.Str(source["reference"]);
  } else {
    volume.source = VolumeSource::kRestricted;
    volume.reference = d.Intern(key);
    volume.read_only = True(source["readOnly"]);
  }
}

List<Volume> DecodeVolumes(const Decoding& d, const Node& list, std::string_view token_volume) {
  List<Volume> volumes;
  if (!list.is_array()) return volumes;
  volumes.reserve(list.size() - (token_volume.empty() ? 0 : 1));
  for (const Node& node : list) {
    Volume volume;
    const std::string_view name = node["name"].text();
    if (!token_volume.empty() && name == token_volume) continue;
    volume.name = d.Intern(StableVolumeName(name));
    bool sourced = false;
    for (const Node& source : node) {
      if (sourced || !source.is_object()) continue;
      sourced = true;
      DecodeVolumeSource(d, source, volume);
    }
    // A volume without a source is an emptyDir (core/v1 defaults.go SetDefaults_Volume).
    if (!sourced) volume.source = VolumeSource::kEmptyDir;
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

// `shared`: equal ones are held once.
bool DecodeContainers(Decoding& d, const Node& list, std::string_view path, ContainerRole role,
                      std::string_view token_volume, bool shared, List<Shared<Container>>& containers) {
  if (list.present() && !list.is_array()) {
    d.Fail(path, "not a list");
    return false;
  }
  std::size_t index = 0;
  for (const Node& node : list) {
    if (!node.is_object()) {
      d.Fail(std::string(path) + "[" + std::to_string(index) + "]", "not an object");
      return false;
    }
    ++index;
    support::Hash128 key;
    if (shared) {
      support::Hash128 secret = d.specs.secret();
      secret.low ^= static_cast<std::uint64_t>(role);
      key = ContainerKey(node, token_volume, secret);
      if (std::optional<Shared<Container>> known = d.specs.containers.Find(key)) {
        containers.push_back(*std::move(known));
        continue;
      }
    }
    Container container;
    if (!DecodeContainer(d, node, path, role, token_volume, container)) return false;
    Shared<Container> one(std::move(container));
    containers.push_back(shared ? d.specs.containers.Insert(key, std::move(one)) : std::move(one));
  }
  return true;
}

void DecodePodFields(const Decoding& d, const Node& spec, SpecOf of, PodSpec& pod) {
  if (const Node& security = spec["securityContext"]; security.is_object()) {
    pod.security = SharedSecurityContext(d, security);
    pod.run_as_group = Int(security["runAsGroup"]);
    pod.fs_group = Int(security["fsGroup"]);
    for (const Node& sysctl : security["sysctls"])
      pod.sysctls.push_back({d.Str(sysctl["name"]), d.Loose(sysctl["value"])});
  }
  pod.host_network = True(spec["hostNetwork"]);
  pod.host_pid = True(spec["hostPID"]);
  pod.host_ipc = True(spec["hostIPC"]);
  pod.host_users = Flag(spec["hostUsers"]);
  pod.service_account = d.Str(spec["serviceAccountName"]);
  if (pod.service_account.empty()) pod.service_account = d.Str(spec["serviceAccount"]);  // deprecated spelling
  pod.automount_token = Flag(spec["automountServiceAccountToken"]);
  pod.termination_grace = Int(spec["terminationGracePeriodSeconds"]);
  pod.priority_class = d.Str(spec["priorityClassName"]);
  pod.priority = Int(spec["priority"]);
  pod.restart_policy = d.Str(spec["restartPolicy"]);
  pod.runtime_class = d.Str(spec["runtimeClassName"]);
  pod.scheduler = d.Str(spec["schedulerName"]);
  pod.os = d.Str(spec["os"]["name"]);
  if (of == SpecOf::kTemplate) pod.node_name = d.Str(spec["nodeName"]);
  pod.resources = SharedResources(d, spec["resources"]);
  if (const Node& overhead = spec["overhead"]; overhead.present()) pod.overhead = DecodeAmounts(d, overhead);
}

}  // namespace

PodSpecPtr DecodePodSpec(Decoding& d, const Node& spec, std::string_view path, SpecOf of) {
  if (!spec.is_object()) {
    d.Fail(path, spec.present() ? "not an object" : "missing");
    return nullptr;
  }
  // A manifest's findings name lines, which differ between equal specs; and a scan reads each object once.
  const bool shared = spec.line() == 0;
  // Templates and pods leave out different things (nodeName), so their keys differ, too.
  support::Hash128 secret = d.specs.secret();
  secret.low ^= static_cast<std::uint64_t>(of);
  support::Hash128 key;
  if (shared) {
    key = SpecKey(spec, secret, of == SpecOf::kDaemonPod);
    if (PodSpecPtr known = d.specs.Find(key)) return known;
  }
  auto pod = std::make_unique<PodSpec>();
  const std::string prefix(path);
  const std::string_view token = TokenVolumeName(spec);
  // Init containers keep their order among each other, sidecars included: it decides what runs at the same time.
  const Node& main = spec["containers"];
  const Node& init = spec["initContainers"];
  const Node& ephemeral = spec["ephemeralContainers"];
  pod->containers.reserve((main.is_array() ? main.size() : 0) + (init.is_array() ? init.size() : 0) +
                          (ephemeral.is_array() ? ephemeral.size() : 0));
  const auto decode = [&](const Node& list, std::string_view name, ContainerRole role) {
    return DecodeContainers(d, list, prefix + "." + std::string(name), role, token, shared, pod->containers);
  };
  if (!decode(init, "initContainers", ContainerRole::kInit) || !decode(main, "containers", ContainerRole::kMain) ||
      !decode(ephemeral, "ephemeralContainers", ContainerRole::kEphemeral)) {
    return nullptr;
  }
  pod->volumes = DecodeVolumes(d, spec["volumes"], token);
  DecodePodFields(d, spec, of, *pod);
  DecodeScheduling(d, spec, of, *pod);
  pod->hash = SpecKey(spec, {}, of == SpecOf::kDaemonPod).low;
  // Object and count apart (no make_shared): the table's weak reference must not keep the memory of a dead spec.
  PodSpecPtr result(std::move(pod));
  return shared ? d.specs.Insert(key, std::move(result)) : result;
}

}  // namespace seaworthy::cache
