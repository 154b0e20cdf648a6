// The wire format of protocol buffers, as far as tests write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace seaworthy::api::testing {

inline std::string ProtoVarint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
inline std::string ProtoBytes(std::uint32_t number, std::string_view value) {
  return ProtoVarint(number << 3 | 2) + ProtoVarint(value.size()) + std::string(value);
}
inline std::string ProtoNumber(std::uint32_t number, std::uint64_t value) {
  return ProtoVarint(number << 3) + ProtoVarint(value);
}

// An object in its envelope.
inline std::string ProtoObject(std::string_view api_version, std::string_view kind, std::string_view raw) {
  return std::string("k8s\0", 4) + ProtoBytes(1, ProtoBytes(1, api_version) + ProtoBytes(2, kind)) + ProtoBytes(2, raw);
}
inline std::string ProtoEvent(std::string_view type, std::string_view object) {
  return ProtoBytes(1, type) + ProtoBytes(2, ProtoBytes(1, object));
}
// A frame with its length.
inline std::string ProtoFrame(std::string_view event) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(event.size() >> shift & 0xff);
  return out + std::string(event);
}

// metav1.ObjectMeta
inline std::string ProtoMeta(std::string_view ns, std::string_view name, int version) {
  return ProtoBytes(1, name) + ProtoBytes(2, "") + ProtoBytes(3, ns) + ProtoBytes(5, "u-" + std::string(name)) +
         ProtoBytes(6, std::to_string(version));
}
inline std::string ProtoPod(std::string_view name, int version, std::string_view more = {}) {
  return ProtoObject("v1", "Pod", ProtoBytes(1, ProtoMeta("ns", name, version)) + std::string(more));
}

}  // namespace seaworthy::api::testing
