#include "support/log_format.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <system_error>

#include "support/escape.h"

namespace seaworthy::support::log {
namespace {

template <typename Number>
void AppendNumber(Number value, std::string& out) {
  char buffer[64];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value);
  if (code == std::errc()) out.append(buffer, end);
}

void AppendQuoted(std::string_view text, std::size_t limit, std::string& out) {
  out += '"';
  EscapeJson(CutUtf8WithDots(text, limit), out);
  out += '"';
}

// Bare where nothing in it could be taken for something else.
void AppendTextValue(std::string_view text, std::string& out) {
  bool bare = !text.empty() && text.size() <= kFieldBytes && IsUtf8(text);
  for (std::string_view rest = text; bare && !rest.empty();) {
    const Utf8Char next = DecodeUtf8(rest);
    bare = !IsControl(next.code) && next.code != ' ' && next.code != '"' && next.code != '=' && next.code != '\\';
    rest.remove_prefix(next.size);
  }
  if (bare) {
    out += text;
  } else {
    AppendQuoted(text, kFieldBytes, out);
  }
}

void AppendValue(Format format, const Field::Value& value, std::string& out) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    if (format == Format::kText) {
      AppendTextValue(*text, out);
    } else {
      AppendQuoted(*text, kFieldBytes, out);
    }
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    AppendNumber(*integer, out);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
    AppendNumber(*natural, out);
  } else if (const double real = std::get<double>(value); std::isfinite(real)) {
    AppendNumber(real, out);
  } else {
    out += "null";
  }
}

// Names that every line has already.
bool IsReserved(std::string_view key) { return key == "ts" || key == "level" || key == "msg"; }

}  // namespace

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug: return "debug";
    case Level::kInfo: return "info";
    case Level::kWarning: return "warning";
    case Level::kError: break;
  }
  return "error";
}

std::string RenderBody(Format format, std::string_view message, std::span<const Field> fields) {
  std::string out;
  out.reserve(128 + fields.size() * 32);
  if (format == Format::kText) {
    EscapeJson(CutUtf8WithDots(message, kMessageBytes), out);
  } else {
    out += "\"msg\":";
    AppendQuoted(message, kMessageBytes, out);
  }
  for (const Field& field : fields) {
    if (format == Format::kText) {
      out += ' ';
      EscapeJson(CutUtf8(field.key(), kFieldBytes), out);
      out += '=';
    } else {
      out += ",\"";
      EscapeJson(CutUtf8(field.key(), kFieldBytes), out);
      if (IsReserved(field.key())) out += '_';
      out += "\":";
    }
    AppendValue(format, field.value(), out);
  }
  return out;
}

std::string RenderLine(Format format, std::chrono::system_clock::time_point time, Level level, std::string_view body) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  char stamp[64];
  std::snprintf(stamp, sizeof stamp, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  std::string line;
  line.reserve(body.size() + 80);
  if (format == Format::kText) {
    constexpr std::size_t kWidth = 8;
    line += stamp;
    line += ' ';
    line += LevelName(level);
    line.append(kWidth - LevelName(level).size(), ' ');
    line += body;
  } else {
    line += "{\"ts\":\"";
    line += stamp;
    line += "\",\"level\":\"";
    line += LevelName(level);
    line += "\",";
    line += body;
    line += '}';
  }
  line += '\n';
  return line;
}

}  // namespace seaworthy::support::log
