// Versions of Kubernetes: "v1.34.1-gke.100", "v1.31.5+k3s1".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct KubernetesVersion {
  int major = 0, minor = 0, patch = 0;
  std::string Minor() const { return std::to_string(major) + "." + std::to_string(minor); }
  auto operator<=>(const KubernetesVersion&) const = default;
};
std::optional<KubernetesVersion> ParseKubernetesVersion(std::string_view text);

// What GET /version says; empty: not known. Kinds: kServerVersion.
std::string_view ServerVersion(const Context& context);

}  // namespace seaworthy::checks
