#include "cache/env_expansion.h"

#include <cstdint>

#include "cache/quantity.h"

namespace seaworthy::cache {
namespace {

// What is asked for are sizes; whole command lines are not put together here.
constexpr std::size_t kLongestName = 256, kLongestValue = 64;

}  // namespace

std::string EnvExpansion::Expand(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char next = text[at] == '$' && at + 1 < text.size() ? text[at + 1] : '\0';
    if (next == '$') {  // an escape: "$$(VAR)" is "$(VAR)" to the program
      out += '$';
      at += 2;
      continue;
    }
    const std::size_t length = next == '(' ? text.substr(at + 2, kLongestName).find(')') : std::string_view::npos;
    if (length == std::string_view::npos) {
      out += text[at++];
      continue;
    }
    const std::optional<std::string> value = Find(text.substr(at + 2, length), count);
    out += value ? std::string_view(*value) : text.substr(at, length + 3);
    at += length + 3;
  }
  return out;
}

std::optional<std::string> EnvExpansion::Find(std::string_view name, std::size_t count) {
  if (lookups_left_ == 0) return std::nullopt;
  --lookups_left_;
  const support::Node* found = nullptr;
  std::size_t index = 0, found_at = 0;
  for (const support::Node& node : env_) {
    if (index == count) break;
    if (node["name"].text() == name) {  // the last of a name wins
      found = &node;
      found_at = index;
    }
    ++index;
  }
  if (found == nullptr) return std::nullopt;
  const std::string_view value = (*found)["value"].text();
  if (const support::Node& from = (*found)["valueFrom"]; value.empty() && from.is_object())
    return OwnMemory(from["resourceFieldRef"]);
  if (value.size() > kLongestValue) return std::nullopt;
  std::string expanded = Expand(value, found_at);
  if (expanded.size() > kLongestValue) return std::nullopt;
  return expanded;
}

// resource.ExtractContainerResourceValue: in units of the divisor, rounded up.
std::optional<std::string> EnvExpansion::OwnMemory(const support::Node& reference) const {
  const std::string_view of = reference["containerName"].text();
  if (!of.empty() && of != container_.name) return std::nullopt;
  const std::string_view resource = reference["resource"].text();
  const Resources& own = container_.resources;
  OptInt bytes;
  if (resource == "limits.memory" || resource == "requests.memory") bytes = own.limits.memory_bytes;
  if (resource == "requests.memory" && own.requests.memory_bytes.has_value()) bytes = own.requests.memory_bytes;
  if (bytes.value_or(0) <= 0) return std::nullopt;
  std::int64_t divisor = 1;
  if (const support::Node& given = reference["divisor"]; given.present()) {
    const std::optional<std::int64_t> read = QuantityValue(given.scalar());
    if (!read || *read < 0) return std::nullopt;
    if (*read > 0) divisor = *read;  // "0" is the API server's default, and means 1
  }
  return std::to_string((*bytes - 1) / divisor + 1);
}

}  // namespace seaworthy::cache
