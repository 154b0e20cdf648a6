#include "wiring/line_index.h"

#include <charconv>
#include <functional>
#include <utility>

namespace seaworthy::wiring {
namespace {

using support::Node;

std::uint32_t Hash(std::string_view text) { return static_cast<std::uint32_t>(std::hash<std::string_view>()(text)); }

// Dumps of live clusters are half status and managedFields; no finding of a scan points there.
bool IsPassedOver(std::string_view key, int depth) {
  return (depth == 1 && key == "status") || (depth == 2 && key == "managedFields");
}

// Takes the next step off `path`: "name", or what is between the brackets of "[name=app]" or "[0]".
std::string_view TakeStep(std::string_view& path, bool& bracketed) {
  bracketed = path.starts_with('[');
  if (!bracketed) {
    const std::string_view step = path.substr(0, path.find_first_of(".["));
    path.remove_prefix(step.size());
    if (path.starts_with('.')) path.remove_prefix(1);
    return step;
  }
  // Names come from strangers: a bracket in one does not end the step.
  std::size_t end = path.find(']');
  while (end != std::string_view::npos && end + 1 < path.size() && path[end + 1] != '.' && path[end + 1] != '[') {
    end = path.find(']', end + 1);
  }
  const std::string_view step = path.substr(1, end == std::string_view::npos ? end : end - 1);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  if (path.starts_with('.')) path.remove_prefix(1);
  return step;
}

}  // namespace

LineIndex::LineIndex(const Node& object) {
  Add(object, {}, 0);
  fields_.shrink_to_fit();
}

// The depth of a tree is limited, and with it this recursion.
void LineIndex::Add(const Node& node, std::string_view key, int depth) {
  const std::size_t at = fields_.size();
  fields_.push_back({Hash(key), node.line(), 0, node.is_array()});
  if (!IsPassedOver(key, depth)) {
    for (const Node& child : node) Add(child, node.is_array() ? child["name"].text() : child.key(), depth + 1);
  }
  fields_[at].end = static_cast<std::uint32_t>(fields_.size()) & 0x7fff'ffffU;
}

std::uint32_t LineIndex::Child(std::uint32_t parent, std::string_view step, bool bracketed) const {
  const Field& list = fields_[parent];
  constexpr std::string_view kByName = "name=";
  std::uint32_t index = 0;
  bool by_index = false;
  if (list.is_list != 0) {
    if (!bracketed) return 0;
    if (step.starts_with(kByName)) {
      step.remove_prefix(kByName.size());
    } else {
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      by_index = error == std::errc() && end == step.data() + step.size();
      if (!by_index) return 0;
    }
  }
  const std::uint32_t wanted = Hash(step);
  for (std::uint32_t child = parent + 1; child < list.end; child = fields_[child].end) {
    if (by_index ? index-- == 0 : fields_[child].key == wanted) return child;
  }
  return 0;
}

std::uint32_t LineIndex::LineOf(std::string_view path) const {
  if (fields_.empty()) return 0;
  std::uint32_t at = 0;
  while (!path.empty()) {
    bool bracketed = false;
    const std::string_view step = TakeStep(path, bracketed);
    const std::uint32_t child = Child(at, step, bracketed);
    if (child == 0) break;
    at = child;
  }
  return at == 0 ? 0 : fields_[at].line;
}

std::uint64_t ManifestLines::Key(const SourceRef& object) {
  return std::uint64_t{static_cast<std::uint32_t>(object.file)} << 32 | object.line;
}

void ManifestLines::Add(const SourceRef& object, LineIndex index) {
  const auto [known, is_new] = indexes_.try_emplace(Key(object), std::move(index));
  // Two objects that begin in one line, as only JSON has them: their beginning is all that can be told.
  if (!is_new) known->second = LineIndex();
}

std::uint32_t ManifestLines::LineOf(const SourceRef& object, std::string_view path) const {
  if (path.empty()) return object.line;
  const auto found = indexes_.find(Key(object));
  const std::uint32_t line = found == indexes_.end() ? 0 : found->second.LineOf(path);
  return line != 0 ? line : object.line;
}

}  // namespace seaworthy::wiring
