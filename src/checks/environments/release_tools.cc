#include "checks/environments/release_tools.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include "checks/delivery/managers.h"

namespace seaworthy::checks {
namespace {

bool StartsIgnoringCase(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), [](char wanted, char c) {
           return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == wanted;
         });
}

bool KeyMatches(const ReleaseSign& sign, std::string_view key) {
  const bool prefix = sign.key.back() == '/' || sign.key.back() == '.';
  return prefix ? key.starts_with(sign.key) : key == sign.key;
}

struct Sign {
  std::string_view tool, key;
};

std::optional<Sign> FindSign(const Labels& pairs, ReleaseSign::In in) {
  for (const ReleaseSign& sign : kReleaseSigns) {
    if (sign.in != in) continue;
    for (const KeyValue& pair : pairs) {
      if (KeyMatches(sign, pair.key) && StartsIgnoringCase(pair.value, sign.value)) return Sign{sign.tool, pair.key};
    }
  }
  return std::nullopt;
}

bool Releases(const FieldManager& manager) {
  if (!manager.subresource.empty()) return false;
  const ManagerKind kind = KindOfManager(manager.name, nullptr);
  if (kind != ManagerKind::kGitOps && kind != ManagerKind::kPipeline) return false;
  return std::find(std::begin(kNotReleaseTools), std::end(kNotReleaseTools), manager.name.view()) ==
         std::end(kNotReleaseTools);
}

}  // namespace

std::string ReleaseToolSeen(const Workload& workload) {
  for (const auto& [pairs, in, word] :
       {std::tuple(&workload.meta.annotations, ReleaseSign::In::kAnnotation, "annotation "),
        std::tuple(&workload.meta.labels, ReleaseSign::In::kLabel, "label ")}) {
    if (const std::optional<Sign> sign = FindSign(*pairs, in))
      return std::string(sign->tool) + ", says " + word + std::string(sign->key);
  }
  for (const FieldManager& manager : workload.meta.managers) {
    if (Releases(manager)) return manager.name.str() + ", says a field manager (a name that the client chooses)";
  }
  return {};
}

}  // namespace seaworthy::checks
