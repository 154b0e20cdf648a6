// The Pod Security Standards as upstream admission evaluates them: k8s.io/pod-security-admission v0.37.2, policies of
// version 1.37.
//
// Agreement is held by tests/checks/security/pod_security_upstream_test.cc over upstream's own examples. A new upstream
// version is taken over by pinning it in tests/checks/security/upstream/go.mod and mending what the test then names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/pod_spec.h"

namespace seaworthy::checks {

// As text for constant documentation strings too.
#define SEAWORTHY_POD_SECURITY_VERSION "v1.37"

enum class PodSecurityLevel : std::uint8_t {
  kPrivileged,  // not even baseline
  kBaseline,
  kRestricted,
};
std::string_view PodSecurityLevelName(PodSecurityLevel level);

// The strictest level whose every rule the pod meets. `annotations` are the pod's (the template's). Where `reasons` is
// given it receives what keeps the pod from the next stricter level, one sentence a rule; nothing for kRestricted.
PodSecurityLevel EvaluatePodSecurity(const PodSpec& spec, const Labels& annotations, std::vector<std::string>* reasons);

// What baseline lets a container add: the set that runtimes grant by default.
bool IsBaselineCapability(std::string_view capability);

// Namespaced and isolated between pods: what the kubelet allows without --allowed-unsafe-sysctls. Names in their dotted
// form.
bool IsSafeSysctl(std::string_view name);

}  // namespace seaworthy::checks
