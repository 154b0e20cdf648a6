// One container: what it is allowed, how it is probed, and what its environment and command line give away.
#include <optional>
#include <utility>

#include "cache/command_words.h"
#include "cache/credentials_fact.h"
#include "cache/decode_fields.h"
#include "cache/env_expansion.h"
#include "cache/runtime_memory.h"
#include "support/canonical_json.h"

namespace seaworthy::cache {
namespace {

// By number; a name that no port has is tried as a number, as the kubelet does.
std::string PortText(const Node& node, const List<ContainerPort>& ports) {
  const std::string_view text = node.text();
  for (const ContainerPort& port : ports) {
    if (node.is_string() && port.name == text) return std::to_string(port.port);
  }
  return std::string(text);
}

// Headers and commands may hold credentials: a hash of them tells whether two probes do the same, and nothing else.
// Defaults are filled in (core/v1 defaults.go SetDefaults_HTTPGetAction), so that a manifest and what the API server
// makes of it are the same action.
std::uint64_t ActionHash(ProbeHandler handler, const Node& action, const List<ContainerPort>& ports) {
  support::SipHash hash;
  hash.Add(static_cast<std::uint64_t>(handler));
  const auto add = [&hash](std::string_view part) {
    hash.Add(std::uint64_t{part.size()});
    hash.Add(part);
  };
  const auto text = [&action](std::string_view key, std::string_view otherwise) {
    const std::string_view value = action[key].text();
    return value.empty() ? otherwise : value;
  };
  if (handler == ProbeHandler::kExec) {
    add(support::CanonicalJson(action));
    return hash.Finish().low;
  }
  const bool http = handler == ProbeHandler::kHttpGet;
  add(PortText(action["port"], ports));
  add(text("host", ""));
  add(text("path", http ? "/" : ""));
  add(text("scheme", http ? "HTTP" : ""));
  add(text("service", ""));
  const Node& headers = action["httpHeaders"];
  add(headers.size() == 0 ? std::string() : support::CanonicalJson(headers));
  return hash.Finish().low;
}

Probe DecodeProbe(const Decoding& d, const Node& node, const List<ContainerPort>& ports) {
  Probe probe;
  if (!node.is_object()) return probe;
  probe.present = true;
  const Node* handler = nullptr;
  if (const Node& exec = node["exec"]; exec.is_object()) {
    probe.handler = ProbeHandler::kExec;
    handler = &exec;
  } else if (const Node& http = node["httpGet"]; http.is_object()) {
    probe.handler = ProbeHandler::kHttpGet;
    handler = &http;
  } else if (const Node& tcp = node["tcpSocket"]; tcp.is_object()) {
    probe.handler = ProbeHandler::kTcpSocket;
    handler = &tcp;
  } else if (const Node& grpc = node["grpc"]; grpc.is_object()) {
    probe.handler = ProbeHandler::kGrpc;
    handler = &grpc;
  }
  if (handler != nullptr) {
    probe.handler_hash = ActionHash(probe.handler, *handler, ports);
    if (probe.handler != ProbeHandler::kExec) probe.port = DecodePortRef(d, (*handler)["port"]);
    probe.other_host = !(*handler)["host"].text().empty();
  }
  probe.initial_delay = Int(node["initialDelaySeconds"]);
  probe.period = Int(node["periodSeconds"]);
  probe.timeout = Int(node["timeoutSeconds"]);
  probe.success_threshold = Int(node["successThreshold"]);
  probe.failure_threshold = Int(node["failureThreshold"]);
  probe.termination_grace = Int(node["terminationGracePeriodSeconds"]);
  return probe;
}

PreStop DecodePreStop(const Node& node) {
  PreStop hook;
  if (const Node& sleep = node["sleep"]; sleep.is_object()) {
    hook.action = PreStop::Action::kSleep;
    hook.sleep_seconds = Int(sleep["seconds"]);
  } else if (const Node& exec = node["exec"]; exec.is_object()) {
    hook.action = PreStop::Action::kExec;
    const long long seconds = SleepSeconds(CommandWords(exec["command"], Node()));
    if (seconds >= 0) hook.sleep_seconds = seconds;
  } else if (node["httpGet"].is_object()) {
    hook.action = PreStop::Action::kHttpGet;
  } else if (node["tcpSocket"].is_object()) {
    hook.action = PreStop::Action::kTcpSocket;
  }
  return hook;
}

bool HasHost(const Node& handler) {
  return !handler["httpGet"]["host"].text().empty() || !handler["tcpSocket"]["host"].text().empty();
}

List<ContainerPort> DecodePorts(const Decoding& d, const Node& list) {
  List<ContainerPort> ports;
  if (!list.is_array()) return ports;
  ports.reserve(list.size());
  for (const Node& node : list) {
    ports.push_back(
        {d.Str(node["name"]), Int32(node["containerPort"]), Int32(node["hostPort"]), d.Str(node["protocol"])});
  }
  return ports;
}

List<VolumeMount> DecodeMounts(const Decoding& d, const Node& list, std::string_view token_volume) {
  List<VolumeMount> mounts;
  if (!list.is_array()) return mounts;
  if (token_volume.empty()) mounts.reserve(list.size());
  for (const Node& node : list) {
    const std::string_view name = node["name"].text();
    if (!token_volume.empty() && name == token_volume) continue;
    mounts.push_back({d.Intern(StableVolumeName(name)), d.Str(node["mountPath"]), True(node["readOnly"])});
  }
  return mounts;
}

List<EnvFrom> DecodeEnvFrom(const Decoding& d, const Node& list) {
  List<EnvFrom> sources;
  if (!list.is_array()) return sources;
  sources.reserve(list.size());
  for (const Node& node : list) {
    const Node& secret = node["secretRef"];
    if (secret.is_object()) {
      sources.push_back({EnvSource::kSecret, d.Str(secret["name"])});
    } else {
      sources.push_back({EnvSource::kConfigMap, d.Str(node["configMapRef"]["name"])});
    }
  }
  return sources;
}

// The environment, and what its literal values give away.
void DecodeEnv(const Decoding& d, const Node& list, EnvExpansion& expansion, RuntimeMemoryFinder& memory,
               Container& container) {
  if (!list.is_array()) return;
  container.env.reserve(list.size());
  std::size_t index = 0;
  for (const Node& node : list) {
    EnvVar variable;
    const std::string_view name = node["name"].text(), value = node["value"].text();
    if (RuntimeMemoryFinder::MayHold(name, value)) {
      memory.CollectEnv(name, value.empty() ? expansion.ValueOf(name, index) : expansion.Expand(value, index));
    }
    ++index;
    variable.name = d.Intern(name);
    const Node& from = node["valueFrom"];
    if (const Node& secret = from["secretKeyRef"]; secret.is_object()) {
      variable.source = EnvSource::kSecret;
      variable.reference = d.Str(secret["name"]);
    } else if (const Node& config = from["configMapKeyRef"]; config.is_object()) {
      variable.source = EnvSource::kConfigMap;
      variable.reference = d.Str(config["name"]);
    } else if (from["resourceFieldRef"].is_object()) {
      variable.source = EnvSource::kResource;
    } else if (from.is_object()) {
      variable.source = EnvSource::kField;  // fieldRef, fileKeyRef
    } else {
      const auto found = FindCredential(name, value);
      if (found && container.credentials.size() < kMaxCredentialFacts) {
        const std::string where = "env[" + std::string(CutUtf8(name, 256)) + "]";
        container.credentials.push_back({found->evidence, d.Intern(where), d.Intern(found->what)});
      }
    }
    container.env.push_back(std::move(variable));
  }
}

SecurityContext DecodeSecurityContext(const Decoding& d, const Node& node) {
  SecurityContext security;
  if (!node.is_object()) return security;
  security.run_as_non_root = Flag(node["runAsNonRoot"]);
  security.allow_privilege_escalation = Flag(node["allowPrivilegeEscalation"]);
  security.privileged = Flag(node["privileged"]);
  security.read_only_root = Flag(node["readOnlyRootFilesystem"]);
  security.run_as_user = Int(node["runAsUser"]);
  security.windows_host_process = True(node["windowsOptions"]["hostProcess"]);
  security.seccomp_type = d.Str(node["seccompProfile"]["type"]);
  security.app_armor_type = d.Str(node["appArmorProfile"]["type"]);
  security.proc_mount = d.Str(node["procMount"]);
  if (const Node& selinux = node["seLinuxOptions"]; selinux.is_object()) {
    security.selinux_set = true;
    security.selinux_type = d.Str(selinux["type"]);
    security.selinux_user = d.Str(selinux["user"]);
    security.selinux_role = d.Str(selinux["role"]);
  }
  if (const Node& capabilities = node["capabilities"]; capabilities.is_object()) {
    security.capabilities_set = true;
    security.cap_add = d.Strings(capabilities["add"]);
    security.cap_drop = d.Strings(capabilities["drop"]);
  }
  return security;
}

// What `decode` makes of the part; of one that is written alike and was read before, its copy. A part that says nothing
// takes no memory. In a manifest parts are read once each.
template <typename T, typename Decode>
Shared<T> Part(SharedTable<T>& table, const support::Hash128& secret, const Node& node, const Node& beside,
               Decode decode) {
  const auto made = [&decode] {
    T value = decode();
    return value == T{} ? Shared<T>() : Shared<T>(std::move(value));
  };
  if (node.line() != 0) return made();
  const support::Hash128 key = PartKey(node, beside, secret);
  if (std::optional<Shared<T>> known = table.Find(key)) return *std::move(known);
  return table.Insert(key, made());
}

}  // namespace

Shared<SecurityContext> SharedSecurityContext(const Decoding& d, const Node& node) {
  if (!node.is_object() || node.size() == 0) return {};
  return Part(d.specs.security_contexts, d.specs.secret(), node, Node(),
              [&] { return DecodeSecurityContext(d, node); });
}

Shared<Resources> SharedResources(const Decoding& d, const Node& node) {
  if (!node.present() || node.size() == 0) return {};
  return Part(d.specs.resources, d.specs.secret(), node, Node(), [&] { return DecodeResources(d, node); });
}

bool DecodeContainer(Decoding& d, const Node& node, std::string_view path, ContainerRole role,
                     std::string_view token_volume, Container& container) {
  if (!node.is_object()) {
    d.Fail(path, "not an object");
    return false;
  }
  container.role = role;
  container.line = node.line();
  RuntimeMemoryFinder memory(d.pool);
  const Node* command = nullptr;
  const Node* args = nullptr;
  const Node* env = nullptr;
  const Node* readiness = nullptr;
  const Node* liveness = nullptr;
  const Node* startup = nullptr;
  const Node* ports = nullptr;
  const Node absent{};
  for (const Node& field : node) {
    const std::string_view key = field.key();
    if (key == "name") {
      container.name = d.Str(field);
    } else if (key == "image") {
      container.image = d.Str(field);
    } else if (key == "imagePullPolicy") {
      container.pull_policy = d.Str(field);
    } else if (key == "restartPolicy") {
      // KEP-753: an init container that is to be restarted always runs beside the main ones.
      if (role == ContainerRole::kInit && field.text() == "Always") container.role = ContainerRole::kSidecar;
    } else if (key == "resources") {
      container.resources = SharedResources(d, field);
    } else if (key == "readinessProbe") {
      readiness = &field;
      container.host_probe_or_hook = container.host_probe_or_hook || HasHost(field);
    } else if (key == "livenessProbe") {
      liveness = &field;
      container.host_probe_or_hook = container.host_probe_or_hook || HasHost(field);
    } else if (key == "startupProbe") {
      startup = &field;
      container.host_probe_or_hook = container.host_probe_or_hook || HasHost(field);
    } else if (key == "lifecycle") {
      container.pre_stop = DecodePreStop(field["preStop"]);
      container.stop_signal = d.Str(field["stopSignal"]);
      if (HasHost(field["preStop"]) || HasHost(field["postStart"])) container.host_probe_or_hook = true;
    } else if (key == "securityContext") {
      container.security = SharedSecurityContext(d, field);
    } else if (key == "ports") {
      ports = &field;
      container.ports = DecodePorts(d, field);
    } else if (key == "volumeMounts") {
      container.mounts = DecodeMounts(d, field, token_volume);
    } else if (key == "volumeDevices") {
      for (const Node& device : field) container.devices.push_back(d.Str(device["name"]));
    } else if (key == "env") {
      env = &field;
    } else if (key == "envFrom") {
      container.env_from = DecodeEnvFrom(d, field);
    } else if (key == "command") {
      command = &field;
    } else if (key == "args") {
      args = &field;
      container.has_args = field.is_array() && field.size() != 0;
    }
  }
  // These are about other fields of the container, which may come after them.
  const auto probe = [&](const Node* source) -> Shared<Probe> {
    if (source == nullptr) return {};
    return Part(d.specs.probes, d.specs.secret(), *source, ports != nullptr ? *ports : absent,
                [&] { return DecodeProbe(d, *source, container.ports); });
  };
  container.readiness = probe(readiness);
  container.liveness = probe(liveness);
  container.startup = probe(startup);
  EnvExpansion expansion(env != nullptr ? *env : absent, container);
  if (env != nullptr) DecodeEnv(d, *env, expansion, memory, container);
  if (command != nullptr || args != nullptr) {
    std::vector<Word> words = CommandWords(command != nullptr ? *command : absent, args != nullptr ? *args : absent);
    AddCredentials(words, d.pool, container.credentials);
    container.tails_file = FollowsFile(words);
    for (Word& word : words) {
      if (word.text.find("$(") != std::string::npos) word.text = expansion.Expand(word.text);
    }
    memory.CollectCommand(words);
  }
  container.runtime_memory = memory.Finish();
  return true;
}

}  // namespace seaworthy::cache
