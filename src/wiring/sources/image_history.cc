#include "wiring/sources/image_history.h"

#include <algorithm>
#include <array>

namespace seaworthy::wiring {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::size_t kMost = 8;
// A smaller layer keeps nothing that is worth a word. A cache that was mounted for the build does not show in the
// history, and in its layer neither.
constexpr std::int64_t kSmallLayer = 5 << 20;
constexpr std::size_t kQuoted = 60;
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

// A tool that keeps what it downloaded unless it is told not to.
struct Keeper {
  std::array<std::string_view, 3> tools;
  std::array<std::string_view, 4> verbs;  // any of these as an argument
  std::array<std::string_view, 4>
      cleaned;  // any of these anywhere in the command, or as an environment variable before it: nothing is kept
  std::string_view kept;
  // Its cache is mostly a mount in BuildKit's builds (RUN --mount=type=cache), of which the history says nothing: what
  // it installs is a large layer by itself, so the size does not tell either.
  bool mounted = false;
};
// Source: Docker's "Building best practices" and the manuals of the tools, 2026.
constexpr Keeper kKeepers[] = {
    {{"apt-get", "apt", "aptitude"},
     {"install", "upgrade", "dist-upgrade"},
     {"/var/lib/apt/lists", "/var/lib/apt/*", "dist-clean"},
     "package lists are kept (/var/lib/apt/lists)"},
    {{"apk"}, {"add", "upgrade"}, {"--no-cache", "/var/cache/apk"}, "package indexes are kept (/var/cache/apk)"},
    {{"dnf", "yum", "microdnf"},
     {"install", "update", "upgrade", "groupinstall"},
     {"clean all", "/var/cache/dnf", "/var/cache/yum", "/var/cache"},
     "packages and metadata are kept (/var/cache/dnf)"},
    {{"zypper"},
     {"install", "in", "update"},
     {"zypper clean", "/var/cache/zypp"},
     "packages and metadata are kept (/var/cache/zypp)"},
    {{"pip", "pip3"},
     {"install"},
     {"--no-cache-dir", "PIP_NO_CACHE_DIR", ".cache"},
     "pip's cache is kept (~/.cache/pip)",
     true},
    {{"npm"},
     {"install", "ci", "i"},
     {"cache clean", ".npm", "npm_config_cache"},
     "npm's cache is kept (~/.npm)",
     true},
    {{"yarn"}, {"install"}, {"cache clean", "YARN_CACHE_FOLDER"}, "yarn's cache is kept", true},
    {{"go"},
     {"build", "install", "mod"},
     {"clean -modcache", "/go/pkg"},
     "the Go toolchain and its module cache are kept: build in an earlier stage"},
    {{"mvn", "./mvnw", "gradle"},
     {"package", "install", "build", "verify"},
     {".m2", ".gradle"},
     "the build's repository is kept (~/.m2, ~/.gradle): build in an earlier stage"},
    {{"cargo"},
     {"build", "install"},
     {".cargo", "/usr/local/cargo/registry"},
     "the Rust toolchain and its registry are kept: build in an earlier stage"},
};

constexpr std::string_view kInstallers[] = {"apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper"};
constexpr std::string_view kRemovers[] = {"purge", "remove", "autoremove", "del", "erase"};
// Packages that bring a compiler. "openjdk-21-jdk" and the like are matched by their ends.
constexpr std::string_view kCompilers[] = {"build-essential", "build-base", "gcc",       "g++",   "gcc-c++",
                                           "clang",           "golang",     "golang-go", "rustc", "cargo",
                                           "maven",           "gradle",     "cmake"};

bool Contains(std::string_view text, std::string_view part) {
  return !part.empty() && text.find(part) != std::string_view::npos;
}

template <typename List>
bool Any(const List& list, std::string_view word) {
  return std::any_of(std::begin(list), std::end(list),
                     [&](std::string_view one) { return !one.empty() && one == word; });
}

std::string_view WithoutPath(std::string_view word) {
  return word.starts_with('/') ? word.substr(word.rfind('/') + 1) : word;
}

// The simple commands of a shell line, each as its words; separators may stand without blanks.
std::vector<Words> Commands(std::string_view line) {
  std::vector<Words> commands(1);
  std::size_t begin = std::string_view::npos;
  const auto end_word = [&](std::size_t at) {
    if (begin != std::string_view::npos) commands.back().push_back(line.substr(begin, at - begin));
    begin = std::string_view::npos;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == ';' || c == '&' || c == '|' || c == '\n' || c == '(' || c == ')' || c == '{' || c == '}') {
      end_word(i);
      if (!commands.back().empty()) commands.emplace_back();
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\\' || c == '"' || c == '\'') {
      end_word(i);
    } else if (begin == std::string_view::npos) {
      begin = i;
    }
  }
  end_word(line.size());
  return commands;
}

// Nothing that could be a credential: no assignments, variables, URLs or addresses.
bool IsHarmless(std::string_view word) {
  return word.find("://") == std::string_view::npos && std::all_of(word.begin(), word.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-._+/:*~").find(c) != std::string_view::npos;
         });
}

std::string Quote(const Words& words, std::size_t from) {
  std::string quoted;
  for (std::size_t i = from; i < words.size(); ++i) {
    if (!IsHarmless(words[i])) break;
    if (quoted.size() + words[i].size() + 1 > kQuoted) {
      quoted += " ...";
      break;
    }
    if (!quoted.empty()) quoted += ' ';
    quoted += words[i];
  }
  return quoted;
}

// Where the tool stands among the words. It may follow assignments, "sudo", or a shell's "-c".
template <typename List>
std::size_t ToolAt(const Words& words, const List& tools) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (Any(tools, WithoutPath(words[i])) || Any(tools, words[i])) return i;
    const bool prefix = words[i].find('=') != std::string_view::npos || words[i] == "sudo" || words[i] == "exec" ||
                        words[i] == "then" || words[i] == "do" || words[i] == "RUN" || words[i].ends_with("sh") ||
                        words[i].starts_with('-') || words[i] == "env" || words[i] == "time";
    if (!prefix) return kNowhere;
  }
  return kNowhere;
}

bool IsCompiler(std::string_view package) {
  package = package.substr(0, package.find_first_of("=~<>"));
  if (Any(kCompilers, package)) return true;
  // gcc-12, openjdk-21-jdk-headless, java-21-openjdk-devel, golang-1.23
  const bool numbered = package.starts_with("gcc-") || package.starts_with("g++-") || package.starts_with("clang-") ||
                        package.starts_with("golang-1");
  const bool jdk = (package.starts_with("openjdk") && Contains(package, "-jdk")) ||
                   (package.starts_with("java-") && package.ends_with("-devel"));
  return (numbered && package.find_first_of("0123456789") != std::string_view::npos && !package.ends_with("-base")) ||
         jdk;
}

class Finder {
 public:
  void Read(const HistoryStep& step) {
    std::string_view text = step.command;
    // "|2 VERSION=1 TOKEN=x /bin/sh -c ...": so many build arguments stand before the command.
    if (text.starts_with('|')) text.remove_prefix(std::min(text.find(' '), text.size()));
    // What a variable of the image says holds for the commands after it.
    if (text.starts_with("ENV ") || Contains(text, "#(nop)  ENV ")) environment_ += text;
    if (Contains(text, "#(nop)") && !Contains(text, "#(nop) COPY") && !Contains(text, "#(nop)  COPY")) return;
    if (step.bytes < 0 || (step.bytes > 0 && step.bytes < kSmallLayer)) return;
    if (text.starts_with("COPY ") || text.starts_with("ADD ")) return ReadCopy(text);
    for (const Words& words : Commands(text)) ReadCommand(words, text);
  }
  std::vector<std::string> Take() { return std::move(found_); }

 private:
  void Add(const std::string& what) {
    if (found_.size() < kMost && std::find(found_.begin(), found_.end(), what) == found_.end()) found_.push_back(what);
  }

  void ReadCopy(std::string_view text) {
    for (const Words& words : Commands(text)) {
      for (const std::string_view word : words) {
        if (word == ".git" || word.ends_with("/.git") || word.ends_with("/.git/"))
          return Add("COPY .git: the repository's history is in the image");
      }
    }
  }

  void ReadCommand(const Words& words, std::string_view text) {
    for (const Keeper& keeper : kKeepers) {
      const std::size_t tool = ToolAt(words, keeper.tools);
      if (tool == kNowhere || (keeper.mounted && Contains(text, "# buildkit"))) continue;
      const bool keeps = std::any_of(words.begin() + static_cast<std::ptrdiff_t>(tool), words.end(),
                                     [&](std::string_view word) { return Any(keeper.verbs, word); });
      const bool cleaned = std::any_of(keeper.cleaned.begin(), keeper.cleaned.end(), [&](std::string_view mark) {
        return Contains(text, mark) || Contains(environment_, mark);
      });
      if (keeps && !cleaned) Add(Quote(words, tool) + ": " + std::string(keeper.kept));
    }
    if (const std::size_t tool = ToolAt(words, kInstallers); tool != kNowhere && !Removes(text)) {
      for (std::size_t i = tool + 1; i < words.size(); ++i) {
        if (Any(kRemovers, words[i])) return;
        if (IsCompiler(words[i]) && IsHarmless(words[i]))
          return Add(std::string(WithoutPath(words[tool])) + " ... " + std::string(words[i]) +
                     ": a compiler is kept: build in an earlier stage");
      }
    }
    constexpr std::array<std::string_view, 1> kGit = {"git"};
    if (const std::size_t git = ToolAt(words, kGit); git != kNowhere && Any(words, "clone") && !RemovesGit(text)) {
      Add("git clone: the repository's history is in the image (.git)");
    }
  }

  // A step that installs and removes again, as "apk add --virtual .build ... && apk del .build".
  static bool Removes(std::string_view text) {
    return std::any_of(std::begin(kRemovers), std::end(kRemovers),
                       [&](std::string_view word) { return Contains(text, " " + std::string(word) + " "); });
  }
  static bool RemovesGit(std::string_view text) { return Contains(text, "rm ") && Contains(text, ".git"); }

  std::string environment_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> Leftovers(std::span<const HistoryStep> history) {
  Finder finder;
  for (const HistoryStep& step : history) finder.Read(step);
  return finder.Take();
}

}  // namespace seaworthy::wiring
