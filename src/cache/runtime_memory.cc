#include "cache/runtime_memory.h"

#include <array>
#include <charconv>
#include <limits>
#include <string>

namespace seaworthy::cache {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text[0] == '-' || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> Shifted(std::string_view number, int bits) {
  const auto value = ParseNumber(number);
  if (!value || *value > kMax >> bits) return std::nullopt;
  return *value << bits;
}

// "75", "75.0", "33.33": hundredths.
std::optional<std::int32_t> ParsePercent(std::string_view text) {
  const std::size_t point = text.find('.');
  const auto whole = ParseNumber(text.substr(0, point));
  if (!whole || *whole > 100) return std::nullopt;
  std::int64_t hundredths = *whole * 100;
  if (point != std::string_view::npos) {
    const std::string_view places = text.substr(point + 1);
    if (places.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    if (!places.empty()) hundredths += (places[0] - '0') * 10;
    if (places.size() > 1) hundredths += places[1] - '0';
  }
  return static_cast<std::int32_t>(hundredths);
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Who is obeyed when several set the same flag. The launcher puts JDK_JAVA_OPTIONS before the command line, the VM
// reads JAVA_TOOL_OPTIONS before and _JAVA_OPTIONS after it (JDK tool reference "java", "Using the JDK_JAVA_OPTIONS
// Launcher Environment Variable"; arguments.cpp). JAVA_OPTS and the like are put on the command line by an image's
// start script.
constexpr int kToolOptions = 1, kLauncher = 2, kScript = 3, kCommandLine = 4, kOverride = 5;

int RankOf(std::string_view variable) {
  if (variable == "JAVA_TOOL_OPTIONS") return kToolOptions;
  if (variable == "JDK_JAVA_OPTIONS") return kLauncher;
  if (variable == "_JAVA_OPTIONS") return kOverride;
  return kScript;
}

}  // namespace

std::optional<std::int64_t> ParseJvmSize(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int bits = 0;
  switch (text.back()) {
    case 'k':
    case 'K': bits = 10; break;
    case 'm':
    case 'M': bits = 20; break;
    case 'g':
    case 'G': bits = 30; break;
    case 't':
    case 'T': bits = 40; break;
    default: return ParseNumber(text);
  }
  text.remove_suffix(1);
  return Shifted(text, bits);
}

std::optional<std::int64_t> ParseGoSize(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, int>, 5> kUnits = {
      {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"B", 0}}};
  for (const auto& [unit, bits] : kUnits) {
    if (text.size() > unit.size() && text.substr(text.size() - unit.size()) == unit) {
      return Shifted(text.substr(0, text.size() - unit.size()), bits);
    }
  }
  return ParseNumber(text);
}

Text RuntimeMemoryFinder::Where(std::string_view where, std::string_view flag) const {
  return pool_.Intern(std::string(where) + " " + std::string(flag));
}

// $(VAR), ${VAR}, $VAR, $(command) and `command`: from elsewhere, or for a shell to find out.
void RuntimeMemoryFinder::SetUnresolved(Bound& bound, int rank, Text where, std::string_view text) {
  if (text.find_first_of("$`") != std::string_view::npos) bound.Set(rank, {std::move(where), 0, 0, true});
}

void RuntimeMemoryFinder::Look(int rank, std::string_view where, std::string_view word, std::string_view next) {
  if (word.size() < 4 || word[0] != '-') return;
  if (TakePrefix(word, "-Xmx") || TakePrefix(word, "-XX:MaxHeapSize=")) {
    if (const auto bytes = ParseJvmSize(word)) {
      heap_.Set(rank, {Where(where, "-Xmx"), *bytes, 0, false});
    } else {
      SetUnresolved(heap_, rank, Where(where, "-Xmx"), word);
    }
  } else if (TakePrefix(word, "-XX:MaxRAMPercentage=")) {
    if (const auto percent = ParsePercent(word)) {
      share_.Set(rank, {Where(where, "-XX:MaxRAMPercentage"), 0, *percent, false});
    } else {
      SetUnresolved(share_, rank, Where(where, "-XX:MaxRAMPercentage"), word);
    }
  } else if (TakePrefix(word, "-XX:MaxRAMFraction=")) {
    const auto fraction = ParseNumber(word);
    if (fraction && *fraction > 0) {
      share_.Set(rank, {Where(where, "-XX:MaxRAMFraction"), 0, static_cast<std::int32_t>(10'000 / *fraction), false});
    }
  } else if (TakePrefix(word, "-XX:MaxRAM=")) {
    if (const auto bytes = ParseJvmSize(word)) ram_.Set(rank, {Where(where, "-XX:MaxRAM"), *bytes, 0, false});
  } else if (TakePrefix(word, "--max-old-space-size") || TakePrefix(word, "--max_old_space_size")) {
    const bool given = TakePrefix(word, "=");
    if (!given && !word.empty()) return;  // another flag
    const std::string_view size = given ? word : next;
    const auto megabytes = Shifted(size, 20);
    // 0 is V8's own choice.
    if (megabytes && *megabytes > 0) node_.Set(rank, {Where(where, "--max-old-space-size"), *megabytes, 0, false});
    if (!megabytes) SetUnresolved(node_, rank, Where(where, "--max-old-space-size"), size);
  }
}

// Options stand in variables of any name (JAVA_OPTS, CATALINA_OPTS, ES_JAVA_OPTS, KAFKA_HEAP_OPTS, NODE_OPTIONS, ...).
bool RuntimeMemoryFinder::MayHold(std::string_view name, std::string_view value) {
  return name == "GOMEMLIMIT" || value.find("-Xm") != std::string_view::npos ||
         value.find("-XX:Max") != std::string_view::npos || value.find("--max") != std::string_view::npos;
}

void RuntimeMemoryFinder::CollectEnv(std::string_view name, std::string_view value) {
  if (!MayHold(name, value)) return;
  const std::string where = "env[" + std::string(name.substr(0, 256)) + "]";
  if (name == "GOMEMLIMIT") {
    if (const auto bytes = ParseGoSize(value)) {
      go_.Set(kScript, {pool_.Intern(where), *bytes, 0, false});
    } else {
      SetUnresolved(go_, kScript, pool_.Intern(where), value);
    }
    return;
  }
  const std::vector<Word> words = SplitWords(value);
  for (std::size_t i = 0; i < words.size(); ++i) {
    Look(RankOf(name), where, words[i].text,
         i + 1 < words.size() ? std::string_view(words[i + 1].text) : std::string_view());
  }
}

void RuntimeMemoryFinder::CollectCommand(const std::vector<Word>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (word.text.size() < 4 || word.text[0] != '-') continue;
    const std::string where = std::string(word.in_args ? "args[" : "command[") + std::to_string(word.index) + "]";
    Look(kCommandLine, where, word.text,
         i + 1 < words.size() ? std::string_view(words[i + 1].text) : std::string_view());
  }
}

List<RuntimeMemory> RuntimeMemoryFinder::Finish() const {
  List<RuntimeMemory> facts;
  if (heap_.rank != 0) {
    facts.push_back(heap_.fact);  // MaxRAMPercentage is not looked at then
  } else if (ram_.rank != 0) {
    // The heap is a share of MaxRAM, 25 % by default, whatever the container's limit is.
    RuntimeMemory fact = ram_.fact;
    const std::int64_t share = share_.rank != 0 ? share_.fact.percent_x100 : 2'500;
    fact.bytes = fact.bytes / 10'000 * share;
    fact.unresolved = share_.fact.unresolved;
    facts.push_back(std::move(fact));
  } else if (share_.rank != 0) {
    facts.push_back(share_.fact);
  }
  if (go_.rank != 0) facts.push_back(go_.fact);
  if (node_.rank != 0) facts.push_back(node_.fact);
  return facts;
}

}  // namespace seaworthy::cache
