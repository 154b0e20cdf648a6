#include "checks/environments/release_tools.h"

#include <algorithm>
#include <iterator>

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

std::optional<ReleaseMark> Find(const Labels& pairs, ReleaseSign::In in, std::string_view word,
                                bool (*accept)(std::string_view tool)) {
  for (const ReleaseSign& sign : kReleaseSigns) {
    if (sign.in != in || (accept != nullptr && !accept(sign.tool))) continue;
    for (const KeyValue& pair : pairs) {
      if (KeyMatches(sign, pair.key) && StartsIgnoringCase(pair.value, sign.value))
        return ReleaseMark{sign.tool, std::string(word) + pair.key.str()};
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

std::optional<ReleaseMark> FindReleaseMark(const Workload& workload, bool (*accept)(std::string_view tool)) {
  if (auto mark = Find(workload.meta.annotations, ReleaseSign::In::kAnnotation, "annotation ", accept)) return mark;
  return Find(workload.meta.labels, ReleaseSign::In::kLabel, "label ", accept);
}

std::string ReleaseToolSeen(const Workload& workload) {
  if (const std::optional<ReleaseMark> mark = FindReleaseMark(workload))
    return std::string(mark->tool) + ", says " + mark->key;
  for (const FieldManager& manager : workload.meta.managers) {
    if (Releases(manager)) return manager.name.str() + ", says a field manager (a name that the client chooses)";
  }
  return {};
}

}  // namespace seaworthy::checks
