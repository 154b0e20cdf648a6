// The wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding): tags, varints, lengths. What
// the fields mean is their reader's business.
//
// Header only, allocates nothing, any bytes are safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace seaworthy::support {

// Walks over the fields of one message.
class ProtobufWire {
 public:
  enum class Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  explicit ProtobufWire(std::string_view message)
      : at_(message.data()), end_(message.data() + message.size()), begin_(message.data()) {}

  // The next field, if there is one; then number(), type() and value() are its own. False at the end, and where the
  // bytes are none of this format: malformed() tells which.
  bool Next() {
    if (at_ == end_) return false;
    std::uint64_t tag = 0;
    if (!Varint(tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return Malformed();
    number_ = static_cast<std::uint32_t>(tag >> 3);
    type_ = static_cast<Type>(tag & 7);
    switch (type_) {
      case Type::kVarint: return Varint(varint_) || Malformed();
      case Type::kFixed64: return Take(8) || Malformed();
      case Type::kFixed32: return Take(4) || Malformed();
      case Type::kBytes: {
        std::uint64_t size = 0;
        return (Varint(size) && Take(size)) || Malformed();
      }
    }
    return Malformed();  // groups have not been written for twenty years
  }
  // Whether the field after this one has the same number: another element of a list.
  bool SameFollows() const {
    ProtobufWire ahead = *this;
    std::uint64_t tag = 0;
    return at_ != end_ && ahead.Varint(tag) && tag >> 3 == number_;
  }

  std::uint32_t number() const { return number_; }
  Type type() const { return type_; }
  std::uint64_t varint() const { return varint_; }
  std::string_view bytes() const { return bytes_; }
  bool malformed() const { return malformed_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  bool Varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool Take(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) return false;
    bytes_ = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }
  bool Malformed() {
    malformed_ = true;
    at_ = end_;
    return false;
  }

  const char* at_;
  const char* end_;
  const char* begin_;
  std::uint32_t number_ = 0;
  Type type_ = Type::kVarint;
  bool malformed_ = false;
  std::uint64_t varint_ = 0;
  std::string_view bytes_;
};

}  // namespace seaworthy::support
