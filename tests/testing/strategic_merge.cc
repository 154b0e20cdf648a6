#include "testing/strategic_merge.h"

#include <map>
#include <string>
#include <string_view>

namespace seaworthy::testing {
namespace {

// patchMergeKey of k8s.io/api/core/v1; other lists are replaced as a whole.
std::string_view MergeKey(std::string_view field) {
  static const std::map<std::string_view, std::string_view> kKeys = {
      {"containers", "name"},
      {"initContainers", "name"},
      {"ephemeralContainers", "name"},
      {"volumes", "name"},
      {"env", "name"},
      {"volumeMounts", "mountPath"},
      {"ports", "containerPort"},
      {"topologySpreadConstraints", "topologyKey"},
  };
  const auto found = kKeys.find(field);
  return found == kKeys.end() ? std::string_view() : found->second;
}

}  // namespace

void StrategicMerge(nlohmann::json& target, const nlohmann::json& patch, std::string_view field) {
  if (patch.is_object()) {
    if (!target.is_object()) target = nlohmann::json::object();
    for (const auto& [key, value] : patch.items()) {
      if (value.is_null()) {
        target.erase(key);
      } else {
        StrategicMerge(target[key], value, key);
      }
    }
    return;
  }
  const std::string key(MergeKey(field));
  if (!patch.is_array() || key.empty() || !target.is_array()) {
    target = patch;
    return;
  }
  for (const nlohmann::json& item : patch) {
    bool merged = false;
    for (nlohmann::json& existing : target) {
      if (existing.contains(key) && existing[key] == item[key]) {
        StrategicMerge(existing, item);
        merged = true;
      }
    }
    if (!merged) target.push_back(item);
  }
}

}  // namespace seaworthy::testing
