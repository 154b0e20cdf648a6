// How a log line looks: JSON for machines, text for a terminal. What is said and what a line looks like are kept apart
// so that the escaping, the only thing between a tenant's text and the reader's terminal, is tested by itself. Pure,
// thread-safe.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace seaworthy::support::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class Format : std::uint8_t { kJson, kText };

std::string_view LevelName(Level level);

// One named value of a line: {"kind", "Deployment"}, {"attempt", 3}, {"took", duration} (seconds). Points to its text:
// it lives as long as the call that logs.
class Field {
 public:
  using Value = std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double>;

  template <typename T>
  Field(std::string_view key, const T& value) : key_(key), value_(Convert(value)) {}

  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  template <typename T>
  static Value Convert(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      return value;
    } else if constexpr (std::signed_integral<T>) {
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::unsigned_integral<T>) {
      return static_cast<std::uint64_t>(value);
    } else if constexpr (std::floating_point<T>) {
      return static_cast<double>(value);
    } else if constexpr (std::convertible_to<const T&, std::chrono::duration<double>>) {
      return std::chrono::duration<double>(value).count();
    } else {
      return std::string_view(value);
    }
  }

  std::string_view key_;
  Value value_;
};

// Longer texts are cut: one object must not fill the disk.
inline constexpr std::size_t kFieldBytes = 256;
inline constexpr std::size_t kMessageBytes = 1024;

// The message and its fields, without time and level: ("msg":"...","kind":"Deployment") or (watch ended
// kind=Deployment).
std::string RenderBody(Format format, std::string_view message, std::span<const Field> fields);
// A whole line, with its line feed. `body` comes from RenderBody with the same format; `time` is UTC.
std::string RenderLine(Format format, std::chrono::system_clock::time_point time, Level level, std::string_view body);

}  // namespace seaworthy::support::log
