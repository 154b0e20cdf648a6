// Who a watch line is about, when the line cannot be read as a whole: longer than the cap, nested too deep, a key
// twice. One hostile object must make itself unreadable and nothing else (RELIABILITY.md 3.4), which needs its name.
#pragma once

#include <string>
#include <string_view>

namespace seaworthy::api {

struct FrameIdentity {
  std::string type;  // of the event
  std::string name_space;
  std::string name;
  std::string uid;
  std::string resource_version;
  bool known() const { return !name.empty(); }
};

// Reads object.metadata of {"type":...,"object":{"metadata":{...}}} from the beginning of a line, as far as it goes.
// The API server writes metadata before spec, and names without escapes; whatever is not written so is left empty.
// Linear, iterative, allocates only for the result.
FrameIdentity PeekIdentity(std::string_view line);

// What WatchEvent::detail of a kUnreadable says: "namespace/name: why", or "name: why".
std::string UnreadableDetail(std::string_view name_space, std::string_view name, std::string_view why);

// I6: orders two resource versions as the server's counter does. Leading zeros and anything but digits are no number:
// equal to all. Negative: a is older than b.
int CompareResourceVersions(std::string_view a, std::string_view b);

}  // namespace seaworthy::api
