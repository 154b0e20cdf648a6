// A container's command and args as the words that a shell or exec would see, for the few questions that are asked of
// them: a credential, a memory bound, `tail -f`, `sleep N`. Lives only while one container is decoded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"

namespace seaworthy::cache {

struct Word {
  std::string text;       // unquoted; a `$(...)` or `${...}` in it is left as written
  bool in_args = false;   // else in command
  std::size_t index = 0;  // of the element it stands in
  bool begins = false;    // first word of a command: the list's first, or after ; & | ( newline
};

// Elements with blanks or operators are split as POSIX sh does (quotes, backslashes, comments; nothing is expanded),
// others are one word. At most kMaxWords; what comes after is not looked at.
inline constexpr std::size_t kMaxWords = 20'000;
std::vector<Word> CommandWords(const support::Node& command, const support::Node& args);

// The words of one string, as in an environment variable of options or a shell script.
std::vector<Word> SplitWords(std::string_view text);

// Of a path: "/usr/bin/tail" -> "tail".
std::string_view BaseName(std::string_view path);

// `tail -f PATH` and its spellings: the container follows a file. /dev/null, /dev/stdout and /proc are ways to idle or
// to forward, not logs.
bool FollowsFile(const std::vector<Word>& words);

// Seconds that the command waits by `sleep N`, summed; -1 when there is none or a loop makes it unknowable.
long long SleepSeconds(const std::vector<Word>& words);

}  // namespace seaworthy::cache
