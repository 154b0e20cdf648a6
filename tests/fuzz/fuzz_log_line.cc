// Log lines, and the other places where a stranger's text ends up: one line stays one line, JSON stays JSON, and a
// terminal is not steered.
#include <nlohmann/json.hpp>
#include <vector>

#include "fuzz/fuzz.h"
#include "support/canonical_json.h"
#include "support/escape.h"
#include "support/log_format.h"

namespace seaworthy {
namespace {

using fuzz::Require;
using nlohmann::json;

void RequireHarmless(std::string_view text, std::string_view where) {
  Require(support::IsUtf8(text), where, text);
  while (!text.empty()) {
    const support::Utf8Char next = support::DecodeUtf8(text);
    Require(!support::IsControl(next.code), where, text);
    text.remove_prefix(next.size);
  }
}

void Escapes(std::string_view text) {
  const json parsed = json::parse("\"" + support::EscapeJson(text) + "\"", nullptr, false);
  Require(parsed.is_string() && (!support::IsUtf8(text) || parsed == text), "a JSON string that says the same");
  RequireHarmless(support::StripTerminal(text), "a stripped text");
  const std::string html = support::EscapeHtml(text);
  Require(support::IsUtf8(html) && html.find_first_of("<>\"'`") == std::string::npos, "a text in HTML", html);
  for (const std::size_t limit : {0U, 1U, 2U, 3U, 4U, 7U, 64U}) {
    const std::string cut = support::CutUtf8WithDots(text, limit);
    Require(cut.size() <= limit && (!support::IsUtf8(text) || support::IsUtf8(cut)), "a cut within its limit", cut);
  }
  if (!support::IsUtf8(text)) return;
  std::string plain;
  support::AppendJsonString(plain, text);
  const json again = json::parse(plain, nullptr, false);
  Require(again.is_string() && again == text, "a canonical JSON string that says the same", plain);
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  namespace log = support::log;
  const std::string_view text = fuzz::Text(data, size);
  Escapes(text);
  fuzz::Choices choices(text);
  const std::string_view message = choices.Line(), key = choices.Line(), value = choices.Line();
  double real = 0;
  for (int i = 0; i < 8; ++i) real = real * 256 + choices.Byte();
  const std::vector<log::Field> fields = {
      {"object", value}, {key, "x"}, {"seconds", real / 1e6}, {"count", choices.Byte()}, {"last", choices.Rest()}};
  const std::chrono::system_clock::time_point time{std::chrono::seconds(1'795'521'600)};
  for (const log::Format format : {log::Format::kJson, log::Format::kText}) {
    std::string line = log::RenderLine(format, time, log::Level::kWarning, log::RenderBody(format, message, fields));
    Require(line.ends_with('\n'), "a whole line");
    line.pop_back();
    RequireHarmless(line, "a log line");
    Require(line.size() <= 6 * (log::kMessageBytes + 4 * log::kFieldBytes) + 512, "a bounded line");
    if (format == log::Format::kText) continue;
    const json parsed = json::parse(line, nullptr, false);
    Require(parsed.is_object(), "a JSON object", line);
    Require(parsed["level"] == "warning" && parsed["ts"] == "2026-11-24T12:00:00.000Z",
            "the line's own fields are its own", line);
    if (support::IsUtf8(message) && message.size() <= log::kMessageBytes)
      Require(parsed["msg"] == message, "the message as it was", line);
    if (support::IsUtf8(value) && value.size() <= log::kFieldBytes && key != "object")
      Require(parsed["object"] == value, "the value as it was", line);
  }
  return 0;
}
