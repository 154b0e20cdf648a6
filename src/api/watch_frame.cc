#include "api/watch_frame.h"

#include <array>
#include <cstddef>

namespace seaworthy::api {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
// Members of the event are at depth 1, of the object at 2, of its metadata at 3.
constexpr std::size_t kMetadataDepth = 3;

// The end of the string that begins at `at` (after its quote), or npos.
std::size_t StringEnd(std::string_view text, std::size_t at) {
  while (true) {
    at = text.find_first_of("\"\\", at);
    if (at == std::string_view::npos || text[at] == '"') return at;
    at += 2;
  }
}

bool IsVersion(std::string_view text) {
  return !text.empty() && text.front() != '0' && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

FrameIdentity PeekIdentity(std::string_view line) {
  FrameIdentity found;
  std::array<std::string_view, kMetadataDepth + 1> keys;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '{' || c == '[') {
      ++depth;
      if (depth <= kMetadataDepth) keys[depth] = {};
    } else if (c == '}' || c == ']') {
      if (depth == 0) break;
      --depth;
    } else if (c == '"') {
      const std::size_t end = StringEnd(line, at + 1);
      if (end == std::string_view::npos) break;
      const std::string_view text = line.substr(at + 1, end - at - 1);
      const std::size_t next = line.find_first_not_of(kSpace, end + 1);
      at = end;
      if (depth < 1 || depth > kMetadataDepth) continue;
      if (next != std::string_view::npos && line[next] == ':') {
        keys[depth] = text;
        continue;
      }
      if (text.find('\\') != std::string_view::npos) continue;
      if (depth == 1 && keys[1] == "type" && found.type.empty()) found.type = text;
      if (depth != kMetadataDepth || keys[1] != "object" || keys[2] != "metadata") continue;
      if (keys[3] == "name" && found.name.empty()) found.name = text;
      if (keys[3] == "namespace" && found.name_space.empty()) found.name_space = text;
      if (keys[3] == "uid" && found.uid.empty()) found.uid = text;
      if (keys[3] == "resourceVersion" && IsVersion(text) && found.resource_version.empty())
        found.resource_version = text;
    }
  }
  return found;
}

std::string UnreadableDetail(std::string_view name_space, std::string_view name, std::string_view why) {
  std::string detail(name_space);
  if (!detail.empty()) detail += '/';
  detail += name;
  detail += ": ";
  detail += why;
  return detail;
}

int CompareResourceVersions(std::string_view a, std::string_view b) {
  if (!IsVersion(a) || !IsVersion(b)) return 0;
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

}  // namespace seaworthy::api
