#include "support/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "support/hash.h"
#include "support/loop.h"

namespace seaworthy::support::log {
namespace {

constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};

spdlog::level::level_enum ToSpdlog(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

Level FromSpdlog(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return Level::kDebug;
  if (level == spdlog::level::info) return Level::kInfo;
  return level == spdlog::level::warn ? Level::kWarning : Level::kError;
}

// Puts time and level around a body that RenderBody made.
class LineFormatter : public spdlog::formatter {
 public:
  explicit LineFormatter(Format format) : format_(format) {}
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string_view body(message.payload.data(), message.payload.size());
    const std::string line = RenderLine(format_, message.time, FromSpdlog(message.level), body);
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LineFormatter>(format_); }

 private:
  Format format_;
};

class WriterSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit WriterSink(std::function<void(std::string_view)> writer) : writer_(std::move(writer)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    writer_(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> writer_;
};

// When each pair was last written, and how often it was not since.
class Limiter {
 public:
  // The number of lines left out since the last one; nullopt: leave this one out too.
  std::optional<std::uint64_t> Admit(MonoTime now, std::string_view message, std::string_view key) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t message_hash = Hash64(message);
    std::uint64_t pair = CombineHash(message_hash, Hash64(key));
    if (entries_.size() >= kLimitedPairs && !entries_.contains(pair)) {
      std::erase_if(entries_, [&](const auto& entry) {
        return now - entry.second.last >= kLimitedEvery && entry.second.suppressed == 0;
      });
      if (entries_.size() >= kLimitedPairs) pair = message_hash;
    }
    const auto [found, is_new] = entries_.try_emplace(pair, Entry{now, 0});
    Entry& entry = found->second;
    if (!is_new && now - entry.last < kLimitedEvery) {
      ++entry.suppressed;
      return std::nullopt;
    }
    entry.last = now;
    return std::exchange(entry.suppressed, 0);
  }

 private:
  struct Entry {
    MonoTime last;
    std::uint64_t suppressed = 0;
  };
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Entry> entries_;
};

struct Log {
  explicit Log(Options options_in) : options(std::move(options_in)) {
    spdlog::sink_ptr sink;
    if (options.writer) {
      sink = std::make_shared<WriterSink>(options.writer);
    } else {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    logger = std::make_shared<spdlog::logger>("seaworthy", std::move(sink));
    logger->set_formatter(std::make_unique<LineFormatter>(options.format));
    logger->set_level(ToSpdlog(options.level));
    // The default handler would print what is no JSON; a line that cannot be written has nowhere to be reported to.
    logger->set_error_handler([](const std::string&) {});
  }
  MonoTime Now() const { return options.clock != nullptr ? options.clock->Now() : SystemClock().Now(); }

  Options options;
  std::shared_ptr<spdlog::logger> logger;
  Limiter limiter;
};

// The only global of the program, made at its first use.
std::unique_ptr<Log>& Instance() {
  static std::unique_ptr<Log> log = std::make_unique<Log>(Options{});
  return log;
}

void Emit(Log& log, Level level, std::string_view message, std::span<const Field> fields) {
  const std::string body = RenderBody(log.options.format, message, fields);
  log.logger->log(ToSpdlog(level), spdlog::string_view_t(body.data(), body.size()));
}

}  // namespace

void Configure(Options options) { Instance() = std::make_unique<Log>(std::move(options)); }

bool Enabled(Level level) { return Instance()->logger->should_log(ToSpdlog(level)); }

void Write(Level level, std::string_view message, Fields fields) {
  Log& log = *Instance();
  if (log.logger->should_log(ToSpdlog(level))) Emit(log, level, message, fields);
}

bool Limited(Level level, std::string_view message, std::string_view key, Fields fields) {
  Log& log = *Instance();
  if (!log.logger->should_log(ToSpdlog(level))) return false;
  const std::optional<std::uint64_t> suppressed = log.limiter.Admit(log.Now(), message, key);
  if (!suppressed) return false;
  if (*suppressed == 0) {
    Emit(log, level, message, fields);
    return true;
  }
  std::vector<Field> extended(fields);
  extended.emplace_back("suppressed", *suppressed);
  Emit(log, level, message, extended);
  return true;
}

}  // namespace seaworthy::support::log
