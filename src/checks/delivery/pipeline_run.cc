#include "checks/delivery/pipeline_run.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace seaworthy::checks {
namespace {

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && value >= 0;
  return whole ? std::optional(value) : std::nullopt;
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

PipelineRun::Tests ParseTests(std::string_view text) {
  if (IsOneOf(text, {"passed", "pass", "ok", "success", "succeeded", "green", "true"})) {
    return PipelineRun::Tests::kPassed;
  }
  if (IsOneOf(text, {"failed", "fail", "failure", "error", "red", "false"})) return PipelineRun::Tests::kFailed;
  if (IsOneOf(text, {"none", "skipped", "no"})) return PipelineRun::Tests::kNone;
  const std::size_t slash = text.find('/');
  const auto passed = Number(text.substr(0, slash));
  const auto all = slash == std::string_view::npos ? passed : Number(text.substr(slash + 1));
  if (!passed || !all) return PipelineRun::Tests::kUnreadable;
  if (*all == 0) return PipelineRun::Tests::kNone;
  return *passed < *all ? PipelineRun::Tests::kFailed : PipelineRun::Tests::kPassed;
}

}  // namespace

PipelineRun ParsePipelineRun(std::string_view text) {
  PipelineRun run;
  while (!text.empty()) {
    constexpr std::string_view kBetween = " \t\n,;";
    const std::size_t begin = text.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(kBetween));
    text.remove_prefix(word.size());
    const std::size_t equals = word.find('=');
    const std::string_view key = equals == std::string_view::npos ? std::string_view() : word.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? word : word.substr(equals + 1);
    if (key == "tests") {
      run.tests_text = value;
      run.tests = ParseTests(value);
    } else if (key == "commit" || key == "sha" || key == "revision") {
      run.commit = value;
    } else if (key == "url" || key == "run") {
      run.url = value;
    } else if (word.find("://") != std::string_view::npos) {
      run.url = word;  // a URL may have a "=" of its own
    }
  }
  return run;
}

}  // namespace seaworthy::checks
