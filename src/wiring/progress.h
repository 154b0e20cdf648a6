// How far long work is, for a person who waits: a line on standard error that appears after a second and is gone when
// the work is done. Nothing where standard error is no terminal.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace seaworthy::wiring {

// What the work counts up; from any thread.
struct ProgressCount {
  std::atomic<const char*> what = "reading";  // a literal
  std::atomic<std::uint64_t> done = 0;
  std::atomic<std::uint64_t> total = 0;  // 0: nobody knows; then the time is shown
};

// The line itself: "evaluating [#####.....]  50 %", or "listing  3 s".
std::string ProgressLine(const ProgressCount& count, std::uint64_t seconds);

class ProgressBar {
 public:
  // `count` must outlive it.
  explicit ProgressBar(const ProgressCount& count);
  ~ProgressBar() { Stop(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  // Takes the line away; before anything else is written to standard error.
  void Stop();

 private:
  void Draw();

  const ProgressCount& count_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace seaworthy::wiring
