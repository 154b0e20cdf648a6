// Writes canonical JSON straight into a string: members have to come sorted by key, which the tests of those who use it
// check for every document.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/canonical_json.h"
#include "support/escape.h"

namespace seaworthy::support {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void Key(std::string_view key) {
    Separate();
    AppendJsonString(out_, key);
    out_ += ':';
    fresh_ = true;
  }
  void Open(char bracket) {
    Separate();
    out_ += bracket;
    fresh_ = true;
  }
  void Close(char bracket) {
    out_ += bracket;
    fresh_ = false;
  }
  void Number(std::int64_t value) {
    Separate();
    out_ += std::to_string(value);
  }
  // Two decimals at most, rounded down like scores, in the shortest form: what the server makes of it too.
  void Ratio(double value) {
    Separate();
    char digits[24];
    const auto cents = static_cast<int>(value * 100 + 1e-9);
    const auto [end, code] = std::to_chars(digits, digits + sizeof digits, cents / 100.0);
    out_.append(digits, end);
  }
  // Control characters, and what is no UTF-8, never get in: people print these objects on terminals.
  void Text(std::string_view value) {
    Separate();
    AppendJsonString(out_, StripTerminal(value));
  }
  void Raw(std::string_view json) {
    Separate();
    out_ += json;
  }

  void Member(std::string_view key, std::string_view value) { Key(key), Text(value); }
  void Member(std::string_view key, std::int64_t value) { Key(key), Number(value); }
  void MemberIf(std::string_view key, std::string_view value) {
    if (!value.empty()) Member(key, value);
  }
  // Member(key, {...}) or [...]: `fill` writes what is inside.
  template <typename Fill>
  void Object(std::string_view key, Fill fill) {
    Key(key), Open('{'), fill(), Close('}');
  }
  template <typename Items, typename Each>
  void List(std::string_view key, const Items& items, Each each) {
    Key(key), Open('[');
    for (const auto& item : items) each(item);
    Close(']');
  }

 private:
  void Separate() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }
  std::string& out_;
  bool fresh_ = true;  // nothing stands before the next value that it would have to be parted from
};

}  // namespace seaworthy::support
