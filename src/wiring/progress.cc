#include "wiring/progress.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace seaworthy::wiring {
namespace {

constexpr std::size_t kWidth = 30;

bool IsForAPerson() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace

std::string ProgressLine(const ProgressCount& count, std::uint64_t seconds) {
  std::string line = count.what.load();
  const std::uint64_t total = count.total, done = std::min(count.done.load(), total);
  if (total == 0) return line + "  " + std::to_string(seconds) + " s";
  const std::size_t full = static_cast<std::size_t>(done * kWidth / total);
  std::string percent = std::to_string(done * 100 / total);
  percent.insert(0, 3 - percent.size(), ' ');
  return line + " [" + std::string(full, '#') + std::string(kWidth - full, '.') + "] " + percent + " %";
}

ProgressBar::ProgressBar(const ProgressCount& count) : count_(count) {
  if (!IsForAPerson()) return;
  try {
    thread_ = std::thread([this] { Draw(); });
  } catch (const std::system_error&) {
    // The work is done all the same.
  }
}

void ProgressBar::Draw() {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  auto wait = std::chrono::milliseconds(1000);  // what is quicker needs none
  bool drawn = false;
  while (!changed_.wait_for(lock, wait, [&] { return stopped_; })) {
    wait = std::chrono::milliseconds(100);
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
    std::fprintf(stderr, "\r%s\033[K", ProgressLine(count_, static_cast<std::uint64_t>(seconds)).c_str());
    std::fflush(stderr);
    drawn = true;
  }
  if (drawn) std::fputs("\r\033[K", stderr);
}

void ProgressBar::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

}  // namespace seaworthy::wiring
