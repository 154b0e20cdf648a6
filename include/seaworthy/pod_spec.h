// The pod template as checks read it: containers, volumes, scheduling, security. Field meanings and defaults are
// Kubernetes' (k8s.io/api/core/v1); a field that the manifest leaves out keeps its "unset" value, so that a check can
// tell "said" from "defaulted".
//
// Credentials never get here: the value of an environment variable, an argument or a command line is read once while
// decoding and leaves a fact (RuntimeMemory, CredentialFact, ...) or nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "seaworthy/list.h"
#include "seaworthy/object.h"
#include "seaworthy/shared.h"
#include "seaworthy/text.h"

namespace seaworthy {

// resources.requests or .limits of one container or pod.
struct ResourceAmounts {
  OptInt cpu_milli;
  OptInt memory_bytes;
  OptInt ephemeral_bytes;
  struct Extended {
    Text name;  // "nvidia.com/gpu", "hugepages-2Mi"
    std::int64_t amount = 0;
    bool operator==(const Extended&) const = default;
  };
  List<Extended> extended;
  bool invalid = false;  // a quantity that does not parse or overflows: checks that need it are unknown
  bool cpu_invalid = false, memory_invalid = false, ephemeral_invalid = false;  // which one it is; another: none
  bool operator==(const ResourceAmounts&) const = default;
};

struct Resources {
  ResourceAmounts requests, limits;
  bool operator==(const Resources&) const = default;
};

// A port given by number or by name (intstr).
struct PortRef {
  std::int32_t number = 0;
  Text name;
  bool set() const { return number != 0 || !name.empty(); }
  bool operator==(const PortRef&) const = default;
};

enum class ProbeHandler : std::uint8_t { kNone, kExec, kHttpGet, kTcpSocket, kGrpc };

struct Probe {
  ProbeHandler handler = ProbeHandler::kNone;  // kNone with present: a probe without a handler
  bool present = false;
  PortRef port;
  bool other_host = false;  // httpGet/tcpSocket .host is set: the port is not this container's
  std::uint64_t handler_hash =
      0;  // equal hashes: the same action (path, headers, command, port), however it is written
  OptInt initial_delay, period, timeout, success_threshold, failure_threshold, termination_grace;  // seconds, counts

  bool has_handler() const { return handler != ProbeHandler::kNone; }
  // With the API server's defaults, which stand in for 0 as well (core/v1 defaults.go SetDefaults_Probe): period 10,
  // timeout 1, failureThreshold 3, initialDelay 0.
  std::int64_t PeriodSeconds() const { return period.value_or(0) == 0 ? 10 : *period; }
  std::int64_t TimeoutSeconds() const { return timeout.value_or(0) == 0 ? 1 : *timeout; }
  std::int64_t FailureThreshold() const { return failure_threshold.value_or(0) == 0 ? 3 : *failure_threshold; }
  std::int64_t InitialDelaySeconds() const { return initial_delay.value_or(0); }
  bool operator==(const Probe&) const = default;
};

struct PreStop {
  enum class Action : std::uint8_t { kNone, kExec, kHttpGet, kSleep, kTcpSocket };
  Action action = Action::kNone;
  // How long the hook itself waits: sleep.seconds, or `sleep N` read from an exec command; unset when it cannot be
  // told.
  OptInt sleep_seconds;
  bool operator==(const PreStop&) const = default;
};

struct ContainerPort {
  Text name;
  std::int32_t port = 0;
  std::int32_t host_port = 0;
  Text protocol;
  bool operator==(const ContainerPort&) const = default;
};

struct VolumeMount {
  Text name;
  Text path;
  bool read_only = false;
  bool operator==(const VolumeMount&) const = default;
};

// Where an environment variable's value comes from; the value itself is not kept.
enum class EnvSource : std::uint8_t { kLiteral, kSecret, kConfigMap, kField, kResource };

struct EnvVar {
  Text name;
  EnvSource source = EnvSource::kLiteral;
  Text reference;  // name of the ConfigMap or Secret
  bool operator==(const EnvVar&) const = default;
};

// All of a ConfigMap or Secret as environment variables.
struct EnvFrom {
  EnvSource source = EnvSource::kConfigMap;  // or kSecret
  Text reference;
  bool operator==(const EnvFrom&) const = default;
};

// Something that looks like a credential in plain text.
struct CredentialFact {
  enum class Evidence : std::uint8_t {
    kKeyFormat,     // a known key format (AWS access key, PEM private key, GitHub token, ...)
    kUrlUserInfo,   // user:password@ in a URL
    kNamedLiteral,  // only a name says so: DB_PASSWORD with a literal value, or password=... within a value
  };
  Evidence evidence = Evidence::kNamedLiteral;
  Text where;  // "env[DB_PASSWORD]", "args[2]", "command[0]", "annotation[x]"
  Text what;   // "AWS access key id"; empty: the name in `where` is what says it
  bool operator==(const CredentialFact&) const = default;
};

// A language runtime's own memory bound, found in an environment variable or an argument.
struct RuntimeMemory {
  Text where;                     // "env[JAVA_TOOL_OPTIONS] -Xmx"
  std::int64_t bytes = 0;         // absolute bound, or
  std::int32_t percent_x100 = 0;  // share of the container's limit, in hundredths of a percent (MaxRAMPercentage)
  bool unresolved = false;        // set, to what the manifest does not show: neither of the two
  bool operator==(const RuntimeMemory&) const = default;
};

struct SecurityContext {
  OptBool run_as_non_root = OptBool::kUnset;
  OptBool allow_privilege_escalation = OptBool::kUnset;
  OptBool privileged = OptBool::kUnset;
  OptBool read_only_root = OptBool::kUnset;
  OptInt run_as_user;
  bool windows_host_process = false;
  Text seccomp_type;  // "" unset, RuntimeDefault, Localhost, Unconfined
  Text app_armor_type;
  Text proc_mount;
  bool selinux_set = false;
  Text selinux_type, selinux_user, selinux_role;
  bool capabilities_set = false;
  List<Text> cap_add, cap_drop;
  bool operator==(const SecurityContext&) const = default;
};

enum class ContainerRole : std::uint8_t {
  kMain,     // spec.containers
  kInit,     // spec.initContainers that end
  kSidecar,  // spec.initContainers with restartPolicy Always (KEP-753)
  kEphemeral,
};

struct Container {
  Text name;
  Text image;
  ContainerRole role = ContainerRole::kMain;
  std::uint32_t line = 0;  // in the manifest, scan only
  Text pull_policy;
  Shared<Resources> resources;
  Shared<Probe> readiness, liveness, startup;
  PreStop pre_stop;
  Text stop_signal;
  Shared<SecurityContext> security;
  List<ContainerPort> ports;
  List<VolumeMount> mounts;
  List<Text> devices;  // volumeDevices' names
  List<EnvVar> env;
  List<EnvFrom> env_from;
  bool has_args = false;
  bool tails_file = false;          // command or args run `tail -f` on a path: a log-tailing sidecar
  bool host_probe_or_hook = false;  // a probe or hook with .host set (Pod Security Standards 1.34+: baseline)
  List<CredentialFact> credentials;
  List<RuntimeMemory> runtime_memory;

  bool is_running_long() const { return role == ContainerRole::kMain || role == ContainerRole::kSidecar; }
  bool operator==(const Container&) const = default;
};

enum class VolumeSource : std::uint8_t {
  kOther,
  kEmptyDir,
  kHostPath,
  kClaim,
  kConfigMap,
  kSecret,
  kProjected,
  kDownwardApi,
  kCsi,
  kEphemeral,  // generic ephemeral volume: a claim made with the pod
  kImage,
  kRestricted,  // in-tree network volumes (nfs, iscsi, rbd, ...): refused by the restricted Pod Security Standard
};

struct Volume {
  Text name;
  VolumeSource source = VolumeSource::kOther;
  Text reference;  // claim, ConfigMap or Secret name; hostPath's path; CSI driver; image reference; else the source
                   // field's name
  bool read_only = false;
  bool memory = false;      // emptyDir.medium Memory
  bool huge_pages = false;  // emptyDir.medium HugePages or HugePages-<size>
  OptInt size_limit;        // emptyDir.sizeLimit, bytes
  bool operator==(const Volume&) const = default;
};

struct NodeSelectorRequirement {
  Text key;
  enum class Op : std::uint8_t { kIn, kNotIn, kExists, kDoesNotExist, kGt, kLt, kInvalid } op = Op::kIn;
  List<Text> values;
  bool operator==(const NodeSelectorRequirement&) const = default;
};
// Requirements on labels and on fields (metadata.name), ANDed; the terms of an affinity are ORed.
struct NodeSelectorTerm {
  List<NodeSelectorRequirement> labels, fields;
  bool operator==(const NodeSelectorTerm&) const = default;
};

struct PodAffinityTerm {
  LabelSelector selector;       // absent: matches nothing
  List<Text> match_label_keys;  // joined into the selector from the pod's own labels (KEP-3633)
  List<Text> mismatch_label_keys;
  LabelSelector namespace_selector;
  List<Text> namespaces;
  Text topology_key;
  std::int32_t weight = 0;  // preferred terms; required ones 0
  bool required = false;
  bool operator==(const PodAffinityTerm&) const = default;
};

struct TopologySpread {
  Text topology_key;
  std::int32_t max_skew = 1;
  bool hard = false;  // whenUnsatisfiable DoNotSchedule
  LabelSelector selector;
  List<Text> match_label_keys;
  bool operator==(const TopologySpread&) const = default;
};

struct Toleration {
  Text key, value, effect;
  bool exists = false;  // operator Exists, else Equal
  bool operator==(const Toleration&) const = default;
};

struct PodSpec {
  List<Shared<Container>> containers;  // init, sidecars, main, ephemeral: in document order within each role
  List<Volume> volumes;
  Shared<SecurityContext> security;  // the pod-level half; container fields win
  OptInt run_as_group, fs_group;
  List<KeyValue> sysctls;
  bool host_network = false, host_pid = false, host_ipc = false;
  OptBool host_users = OptBool::kUnset;
  Text service_account;
  OptBool automount_token = OptBool::kUnset;
  Labels node_selector;
  bool has_required_node_affinity = false;
  List<NodeSelectorTerm> node_affinity;  // required during scheduling; ORed
  List<PodAffinityTerm> pod_affinity, pod_anti_affinity;
  List<TopologySpread> topology_spread;
  List<Toleration> tolerations;
  OptInt termination_grace;
  Text priority_class;
  OptInt priority;
  Text restart_policy;
  Text runtime_class;
  Text scheduler;
  Text os;
  Text node_name;               // set in a template only to bypass the scheduler; for pods see Pod::node
  Shared<Resources> resources;  // pod level (KEP-2837)
  Shared<ResourceAmounts> overhead;
  std::uint64_t hash = 0;  // of the source; equal specs of pods are held once

  std::size_t resident_bytes() const;
  bool operator==(const PodSpec&) const = default;
};

// Pods of one template share their spec.
using PodSpecPtr = std::shared_ptr<const PodSpec>;

// What the scheduler reserves for a pod of this spec: sum of the long-running containers, init containers' maximum,
// overhead; pod level wins. Limits stand in for requests that are absent, as the API server defaults them.
struct PodRequest {
  std::int64_t cpu_milli = 0, memory_bytes = 0, ephemeral_bytes = 0;
  List<ResourceAmounts::Extended> extended;  // each name once
  bool invalid = false;
};
PodRequest EffectiveRequest(const PodSpec& spec);

}  // namespace seaworthy
