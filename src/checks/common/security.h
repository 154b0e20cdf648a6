// Security contexts as the kubelet sees them: which containers are judged, and the values that hold for each.
#pragma once

#include <string_view>
#include <vector>

#include "checks/common/findings.h"
#include "seaworthy/check.h"

namespace seaworthy::checks {

struct JudgedContainer {
  const PodSpec* pod = nullptr;  // the spec that the container stands in: the template's or a running pod's
  const Container* container = nullptr;
  bool in_template = true;  // false: admission or `kubectl debug` added it to the pods
};

// All containers, init, sidecar and ephemeral ones too. Where pods of the current revision run their specs are judged,
// so that what admission sets, injects or what a debugging session adds is seen (OpenShift's SCCs fill in nearly
// everything); else the template. CronJobs are judged by their template alone: their pods come and go, and the verdict
// would with them. Kinds: kPod.
std::vector<JudgedContainer> JudgedContainers(const Context& context);

// Adds a finding about `judged`, saying so where it is not in the template.
void AddFinding(Findings& findings, Verdict verdict, const Context& context, const JudgedContainer& judged,
                std::string_view field, std::string_view what);

// spec.os.name windows, or a nodeSelector that says it: the Linux-only fields mean nothing there, and the API server
// refuses some.
bool IsWindows(const PodSpec& spec);
inline constexpr std::string_view kWindowsHasNoSuchField = "Windows pods have no such setting";

// The container's value wins over the pod's.
OptBool EffectiveRunAsNonRoot(const PodSpec& pod, const Container& container);
OptInt EffectiveRunAsUser(const PodSpec& pod, const Container& container);
std::string_view EffectiveSeccomp(const PodSpec& pod, const Container& container);

// privileged: true, or a Windows HostProcess container. The runtime then grants every capability and applies no seccomp
// profile.
bool IsPrivileged(const PodSpec& pod, const Container& container);

}  // namespace seaworthy::checks
