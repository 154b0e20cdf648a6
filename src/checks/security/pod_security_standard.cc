#include "checks/security/pod_security_standard.h"

#include <algorithm>
#include <iterator>

#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

// Named as upstream's check_*.go files, whose order of evaluation does not matter: all rules are looked at.

constexpr std::string_view kBaselineCapabilities[] = {"AUDIT_WRITE", "CHOWN",  "DAC_OVERRIDE",     "FOWNER",  "FSETID",
                                                      "KILL",        "MKNOD",  "NET_BIND_SERVICE", "SETFCAP", "SETGID",
                                                      "SETPCAP",     "SETUID", "SYS_CHROOT"};
constexpr std::string_view kSafeSysctls[] = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",    // 1.27
    "net.ipv4.tcp_keepalive_time",         // 1.29
    "net.ipv4.tcp_fin_timeout",            // 1.29
    "net.ipv4.tcp_keepalive_intvl",        // 1.29
    "net.ipv4.tcp_keepalive_probes",       // 1.29
    "net.ipv4.tcp_rmem",                   // 1.32
    "net.ipv4.tcp_wmem",                   // 1.32
    "net.ipv4.tcp_slow_start_after_idle",  // 1.37
    "net.ipv4.tcp_notsent_lowat",          // 1.37
};
constexpr std::string_view kSelinuxTypes[] = {"", "container_t", "container_init_t", "container_kvm_t",
                                              "container_engine_t"};
constexpr std::string_view kAppArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

template <typename List>
bool Contains(const List& list, std::string_view value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

// Counts violations; writes sentences only where somebody reads them.
class Violations {
 public:
  explicit Violations(std::vector<std::string>* reasons) : reasons_(reasons) {}
  bool any() const { return any_; }
  void Add(std::string_view what) {
    any_ = true;
    if (reasons_ != nullptr) reasons_->emplace_back(what);
  }
  // One sentence for all containers that `bad` holds for.
  template <typename Bad>
  void Containers(const PodSpec& spec, std::string_view what, Bad&& bad) {
    std::string names;
    for (const Container& container : spec.containers) {
      if (!bad(container)) continue;
      any_ = true;
      if (reasons_ == nullptr) return;
      names += names.empty() ? "" : ", ";
      names += std::string(RoleWord(container)) + " " + container.name.str();
    }
    if (!names.empty()) reasons_->push_back(names + ": " + std::string(what));
  }
  // The pod's own security context, then the containers'.
  template <typename Bad>
  void Contexts(const PodSpec& spec, std::string_view what, Bad&& bad) {
    if (bad(spec.security)) Add("pod: " + std::string(what));
    Containers(spec, what, [&](const Container& container) { return bad(container.security); });
  }

 private:
  std::vector<std::string>* reasons_;
  bool any_ = false;
};

bool IsWindowsByField(const PodSpec& spec) { return spec.os == "windows"; }
// Pods in a user namespace of their own: root inside is nobody outside (KEP-127; upstream since 1.35).
bool InUserNamespace(const PodSpec& spec) { return spec.host_users == OptBool::kFalse; }

// ---- baseline ----

void AppArmorProfile(const PodSpec& spec, const Labels& annotations, Violations& out) {
  out.Contexts(spec, "AppArmor profile is neither RuntimeDefault nor Localhost", [](const SecurityContext& security) {
    return !security.app_armor_type.empty() && security.app_armor_type != "RuntimeDefault" &&
           security.app_armor_type != "Localhost";
  });
  for (const KeyValue& annotation : annotations) {
    const std::string_view key = annotation.key;
    const std::string_view value = annotation.value;
    if (!key.starts_with(kAppArmorAnnotation)) continue;
    if (value.empty() || value == "runtime/default" || value.starts_with("localhost/")) continue;
    out.Add("annotation " + std::string(key) + ": AppArmor profile is neither runtime/default nor localhost/*");
  }
}

void CapabilitiesBaseline(const PodSpec& spec, Violations& out) {
  out.Containers(spec, "adds capabilities beyond the default set", [](const Container& container) {
    return std::any_of(container.security->cap_add.begin(), container.security->cap_add.end(),
                       [](const Text& capability) { return !IsBaselineCapability(capability); });
  });
}

void HostNamespaces(const PodSpec& spec, Violations& out) {
  if (spec.host_network) out.Add("hostNetwork is true");
  if (spec.host_pid) out.Add("hostPID is true");
  if (spec.host_ipc) out.Add("hostIPC is true");
}

void HostPathVolumes(const PodSpec& spec, Violations& out) {
  for (const Volume& volume : spec.volumes) {
    if (volume.source == VolumeSource::kHostPath) out.Add("volume " + volume.name.str() + ": hostPath");
  }
}

void HostPorts(const PodSpec& spec, Violations& out) {
  out.Containers(spec, "hostPort is set", [](const Container& container) {
    return std::any_of(container.ports.begin(), container.ports.end(),
                       [](const ContainerPort& port) { return port.host_port != 0; });
  });
}

void HostProbesAndHostLifecycle(const PodSpec& spec, Violations& out) {
  out.Containers(spec, "host is set in a probe or lifecycle hook",
                 [](const Container& container) { return container.host_probe_or_hook; });
}

void Privileged(const PodSpec& spec, Violations& out) {
  out.Containers(spec, "privileged is true",
                 [](const Container& container) { return container.security->privileged == OptBool::kTrue; });
}

void ProcMount(const PodSpec& spec, Violations& out) {
  out.Containers(spec, "procMount is not Default", [](const Container& container) {
    return !container.security->proc_mount.empty() && container.security->proc_mount != "Default";
  });
}

bool ForbiddenSeccomp(const SecurityContext& security) {
  return !security.seccomp_type.empty() && security.seccomp_type != "RuntimeDefault" &&
         security.seccomp_type != "Localhost";
}

void SeccompProfileBaseline(const PodSpec& spec, Violations& out) {
  out.Contexts(spec, "seccomp profile is neither RuntimeDefault nor Localhost", ForbiddenSeccomp);
}

void SelinuxOptions(const PodSpec& spec, Violations& out) {
  out.Contexts(spec, "SELinux options set a user, a role, or a type that is not a container's",
               [](const SecurityContext& security) {
                 return !Contains(kSelinuxTypes, security.selinux_type) || !security.selinux_user.empty() ||
                        !security.selinux_role.empty();
               });
}

void Sysctls(const PodSpec& spec, Violations& out) {
  for (const KeyValue& sysctl : spec.sysctls) {
    if (!Contains(kSafeSysctls, sysctl.key)) out.Add("sysctl " + sysctl.key.str() + " is not among the safe ones");
  }
}

void WindowsHostProcess(const PodSpec& spec, Violations& out) {
  out.Contexts(spec, "windowsOptions.hostProcess is true",
               [](const SecurityContext& security) { return security.windows_host_process; });
}

// ---- restricted ----

void AllowPrivilegeEscalation(const PodSpec& spec, Violations& out) {
  if (IsWindowsByField(spec)) return;
  out.Containers(spec, "allowPrivilegeEscalation is not false", [](const Container& container) {
    return container.security->allow_privilege_escalation != OptBool::kFalse;
  });
}

void CapabilitiesRestricted(const PodSpec& spec, Violations& out) {
  if (IsWindowsByField(spec)) return;
  out.Containers(spec, "does not drop ALL capabilities",
                 [](const Container& container) { return !Contains(container.security->cap_drop, "ALL"); });
  out.Containers(spec, "adds capabilities other than NET_BIND_SERVICE", [](const Container& container) {
    return std::any_of(container.security->cap_add.begin(), container.security->cap_add.end(),
                       [](const Text& capability) { return capability != "NET_BIND_SERVICE"; });
  });
}

bool IsRestrictedVolume(VolumeSource source) {
  switch (source) {
    case VolumeSource::kEmptyDir:
    case VolumeSource::kClaim:
    case VolumeSource::kConfigMap:
    case VolumeSource::kSecret:
    case VolumeSource::kProjected:
    case VolumeSource::kDownwardApi:
    case VolumeSource::kCsi:
    case VolumeSource::kEphemeral:
    case VolumeSource::kImage: return false;
    case VolumeSource::kOther:  // upstream refuses what it does not know
    case VolumeSource::kHostPath:
    case VolumeSource::kRestricted: return true;
  }
  return true;
}

void RestrictedVolumes(const PodSpec& spec, Violations& out) {
  for (const Volume& volume : spec.volumes) {
    if (!IsRestrictedVolume(volume.source)) continue;
    const std::string_view type = volume.source == VolumeSource::kHostPath ? "hostPath" : volume.reference.view();
    out.Add("volume " + volume.name.str() + ": volume type " + std::string(type.empty() ? "unknown" : type) +
            " is restricted");
  }
}

void RunAsNonRoot(const PodSpec& spec, Violations& out) {
  if (InUserNamespace(spec)) return;
  const OptBool pod = spec.security->run_as_non_root;
  // A pod-level false is refused even where every container says true.
  if (pod == OptBool::kFalse) out.Add("pod: runAsNonRoot is false");
  out.Containers(spec, "runAsNonRoot is not true", [pod](const Container& container) {
    const OptBool own = container.security->run_as_non_root;
    return own == OptBool::kUnset ? pod != OptBool::kTrue : own == OptBool::kFalse;
  });
}

void RunAsUser(const PodSpec& spec, Violations& out) {
  if (InUserNamespace(spec)) return;
  out.Contexts(spec, "runAsUser is 0",
               [](const SecurityContext& security) { return security.run_as_user == OptInt(0); });
}

void SeccompProfileRestricted(const PodSpec& spec, Violations& out) {
  if (IsWindowsByField(spec)) return;
  const bool pod_sets = !spec.security->seccomp_type.empty() && !ForbiddenSeccomp(spec.security);
  out.Contexts(spec, "seccomp profile is neither RuntimeDefault nor Localhost", ForbiddenSeccomp);
  out.Containers(spec, "seccomp profile is not set", [pod_sets](const Container& container) {
    return !pod_sets && container.security->seccomp_type.empty();
  });
}

// The baseline rules that restricted keeps as they are.
void Common(const PodSpec& spec, const Labels& annotations, Violations& out) {
  AppArmorProfile(spec, annotations, out);
  HostNamespaces(spec, out);
  HostPorts(spec, out);
  HostProbesAndHostLifecycle(spec, out);
  Privileged(spec, out);
  SelinuxOptions(spec, out);
  Sysctls(spec, out);
  WindowsHostProcess(spec, out);
}

// Those that restricted replaces by its own (upstream's OverrideCheckIDs); on Windows its own may ask less.
void BaselineOnly(const PodSpec& spec, Violations& out) {
  CapabilitiesBaseline(spec, out);
  HostPathVolumes(spec, out);
  if (!InUserNamespace(spec)) ProcMount(spec, out);
  SeccompProfileBaseline(spec, out);
}

void RestrictedOnly(const PodSpec& spec, Violations& out) {
  AllowPrivilegeEscalation(spec, out);
  CapabilitiesRestricted(spec, out);
  ProcMount(spec, out);
  RestrictedVolumes(spec, out);
  RunAsNonRoot(spec, out);
  RunAsUser(spec, out);
  SeccompProfileRestricted(spec, out);
}

}  // namespace

std::string_view PodSecurityLevelName(PodSecurityLevel level) {
  switch (level) {
    case PodSecurityLevel::kPrivileged: return "privileged";
    case PodSecurityLevel::kBaseline: return "baseline";
    case PodSecurityLevel::kRestricted: return "restricted";
  }
  return "";
}

PodSecurityLevel EvaluatePodSecurity(const PodSpec& spec, const Labels& annotations,
                                     std::vector<std::string>* reasons) {
  Violations common(nullptr), baseline(nullptr), restricted(nullptr);
  Common(spec, annotations, common);
  RestrictedOnly(spec, restricted);
  if (!common.any() && !restricted.any()) return PodSecurityLevel::kRestricted;
  BaselineOnly(spec, baseline);
  const PodSecurityLevel level =
      common.any() || baseline.any() ? PodSecurityLevel::kPrivileged : PodSecurityLevel::kBaseline;
  if (reasons != nullptr) {
    Violations told(reasons);
    if (level == PodSecurityLevel::kPrivileged) {
      Common(spec, annotations, told);
      BaselineOnly(spec, told);
    } else {
      RestrictedOnly(spec, told);
    }
  }
  return level;
}

bool IsBaselineCapability(std::string_view capability) { return Contains(kBaselineCapabilities, capability); }

bool IsSafeSysctl(std::string_view name) { return Contains(kSafeSysctls, name); }

}  // namespace seaworthy::checks
