// The log: one JSON object a line on stderr, or text for a terminal. spdlog does the writing; log.cc alone includes it.
//
//   log::Info("watch ended", {{"kind", "Deployment"}, {"reason", reason}});
//
// The message is a constant, what varies goes into fields. No values of env, args or annotations belong in either.
// Thread-safe, but for Configure, which main calls before it starts threads (tests: between them). The one logger lives
// in log.cc.
#pragma once

#include <functional>
#include <initializer_list>
#include <string_view>

#include "seaworthy/clock.h"
#include "support/log_format.h"

namespace seaworthy::support::log {

struct Options {
  Format format = Format::kJson;
  Level level = Level::kInfo;
  // Where lines go instead of stderr: one call a line, its line feed included, never two at once.
  std::function<void(std::string_view line)> writer;
  // For the limits of Limited; nullptr: the system's.
  const Clock* clock = nullptr;
};

void Configure(Options options);
bool Enabled(Level level);

using Fields = std::initializer_list<Field>;

void Write(Level level, std::string_view message, Fields fields = {});
inline void Debug(std::string_view message, Fields fields = {}) { Write(Level::kDebug, message, fields); }
inline void Info(std::string_view message, Fields fields = {}) { Write(Level::kInfo, message, fields); }
inline void Warning(std::string_view message, Fields fields = {}) { Write(Level::kWarning, message, fields); }
inline void Error(std::string_view message, Fields fields = {}) { Write(Level::kError, message, fields); }

// For what may happen a thousand times a second: at most one line per 10 s for each pair of message and key (a kind, an
// error code). The next line says how many were `suppressed`. True when a line was written.
bool Limited(Level level, std::string_view message, std::string_view key, Fields fields = {});

inline constexpr Duration kLimitedEvery = std::chrono::seconds(10);
// Pairs that are told apart; beyond, all pairs of one message share a limit. Bounds what hostile keys can make us
// remember.
inline constexpr std::size_t kLimitedPairs = 1024;

}  // namespace seaworthy::support::log
