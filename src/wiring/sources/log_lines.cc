#include "wiring/sources/log_lines.h"

#include <algorithm>
#include <vector>

#include "support/json.h"
#include "support/trim.h"

namespace seaworthy::wiring {
namespace {

constexpr std::size_t kSampled = 50;
constexpr support::JsonLimits kLimits{.depth = 32, .tokens = 10'000};

// A runtime cuts lines of more than 16 KiB into pieces, of which the first still begins like JSON and none ends so: not
// structured.
bool IsJsonObject(std::string_view line) {
  if (!line.starts_with('{') || !line.ends_with('}')) return false;
  support::Tree tree(kLimits);
  return support::ParseJson(line, tree).ok() && tree.root().is_object();
}

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '/' || c == '@';
}

// key=value key="value with blanks" flag: at least two pairs, and nothing that is no key. Prose that mentions x=1 is
// not that.
bool IsLogfmt(std::string_view line) {
  int pairs = 0, bare = 0;
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    const std::size_t key = at;
    while (at < line.size() && IsKeyCharacter(line[at])) ++at;
    if (at == key) return false;
    if (at == line.size() || line[at] == ' ' || line[at] == '\t') {
      ++bare;
      continue;
    }
    if (line[at] != '=') return false;
    ++at;
    if (at < line.size() && line[at] == '"') {
      for (++at; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\') ++at;
      }
      if (at >= line.size()) return false;
      ++at;
    } else {
      while (at < line.size() && line[at] != ' ' && line[at] != '\t') ++at;
    }
    ++pairs;
  }
  return pairs >= 2 && bare <= pairs / 2;
}

}  // namespace

bool IsStructured(std::string_view line) {
  line = support::Trim(line, support::kBlanks);
  return IsJsonObject(line) || IsLogfmt(line);
}

LineCounts CountLines(std::string_view text, bool first_is_cut) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = support::Trim(text.substr(0, end), support::kBlanks);
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (first_is_cut && lines.size() > 1) lines.erase(lines.begin());
  LineCounts counts;
  const std::size_t from = lines.size() > kSampled ? lines.size() - kSampled : 0;
  for (std::size_t i = from; i < lines.size(); ++i) {
    ++counts.lines;
    if (IsStructured(lines[i])) ++counts.structured;
  }
  return counts;
}

}  // namespace seaworthy::wiring
