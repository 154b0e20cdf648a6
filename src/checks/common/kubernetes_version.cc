#include "checks/common/kubernetes_version.h"

#include <charconv>
#include <system_error>

namespace seaworthy::checks {

std::optional<KubernetesVersion> ParseKubernetesVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  KubernetesVersion version;
  int* const parts[] = {&version.major, &version.minor, &version.patch};
  for (int i = 0; i < 3; ++i) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *parts[i]);
    if (error != std::errc() || *parts[i] < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (i == 2) break;
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
  }
  return version;
}

std::string_view ServerVersion(const Context& context) {
  const auto objects = context.Everywhere(Kind::kServerVersion);
  return objects.empty() ? std::string_view() : Context::AsExtension(*objects.front()).First("gitVersion");
}

}  // namespace seaworthy::checks
