#include "support/loop.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace seaworthy::support {
namespace {

// Longer delays would overflow the sum with "now"; nobody waits a century.
constexpr Duration kLongestDelay = std::chrono::hours(24 * 365 * 100);

std::int64_t Read(clockid_t id) {
  timespec time = {};
  clock_gettime(id, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void Drain(int fd) {
  std::uint64_t count = 0;
  while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

}  // namespace

MonoTime SystemClock::Now() const { return MonoTime(Duration(Read(CLOCK_BOOTTIME))); }

WallTime SystemClock::Wall() const { return WallTime(std::chrono::milliseconds(Read(CLOCK_REALTIME) / 1'000'000)); }

Loop::Loop(const std::string& name)
    : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      timer_fd_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (wake_fd_ < 0 || timer_fd_ < 0) {
    std::perror("seaworthy: no descriptor for an event loop");
    std::abort();
  }
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

Loop::~Loop() {
  Stop();
  Join();
  close(wake_fd_);
  close(timer_fd_);
}

void Loop::Wake() {
  const std::uint64_t one = 1;
  while (write(wake_fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void Loop::Post(std::function<void()> fn) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    posted_.push_back(std::move(fn));
    wake = std::exchange(waiting_, false);
  }
  if (wake) Wake();
}

Executor::TimerId Loop::PostAfter(Duration delay, std::function<void()> fn) {
  const MonoTime due = clock_.Now() + std::clamp(delay, Duration::zero(), kLongestDelay);
  bool wake = false;
  TimerId id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = next_id_++;
    if (stopping_) return id;
    timers_.emplace(TimerKey(due, id), std::move(fn));
    due_.emplace(id, due);
    // A timer behind the first one changes nothing about when to wake up.
    if (timers_.begin()->first.second == id) wake = std::exchange(waiting_, false);
  }
  if (wake) Wake();
  return id;
}

void Loop::Cancel(TimerId id) {
  std::function<void()> dropped;  // destroyed without the lock: what it holds may post
  const std::lock_guard lock(mutex_);
  const auto found = due_.find(id);
  if (found == due_.end()) return;
  const auto timer = timers_.find(TimerKey(found->second, id));
  dropped = std::move(timer->second);
  timers_.erase(timer);
  due_.erase(found);
}

void Loop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_ = false;
  }
  Wake();
}

void Loop::Join() {
  if (thread_.joinable()) thread_.join();
  // Dropped here and not at the loop's end: closures may own what only this thread may destroy.
  std::vector<std::function<void()>> posted;
  std::map<TimerKey, std::function<void()>> timers;
  const std::lock_guard lock(mutex_);
  posted.swap(posted_);
  timers.swap(timers_);
  due_.clear();
}

MonoTime Loop::last_tick() const {
  const std::int64_t since = busy_since_.load(std::memory_order_acquire);
  return since == 0 ? clock_.Now() : MonoTime(Duration(since));
}

void Loop::RunOne(std::function<void()>& fn) {
  busy_since_.store(clock_.Now().time_since_epoch().count(), std::memory_order_release);
  fn();
  fn = nullptr;  // what it holds is released as part of it
}

// Runs the first timer if it is due.
bool Loop::RunDue() {
  std::function<void()> fn;
  {
    const std::lock_guard lock(mutex_);
    if (timers_.empty() || timers_.begin()->first.first > clock_.Now()) return false;
    fn = std::move(timers_.begin()->second);
    due_.erase(timers_.begin()->first.second);
    timers_.erase(timers_.begin());
  }
  RunOne(fn);
  return true;
}

// MonoTime::max() for no timer.
void Loop::ArmTimer(MonoTime due) {
  if (due == armed_) return;
  armed_ = due;
  itimerspec spec = {};
  if (due != MonoTime::max()) {
    const std::int64_t ns = std::max<std::int64_t>(due.time_since_epoch().count(), 1);  // zero would disarm
    spec.it_value.tv_sec = ns / 1'000'000'000;
    spec.it_value.tv_nsec = ns % 1'000'000'000;
  }
  timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Loop::Wait() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !posted_.empty()) return;
    const MonoTime due = timers_.empty() ? MonoTime::max() : timers_.begin()->first.first;
    if (due <= clock_.Now()) return;
    ArmTimer(due);
    waiting_ = true;
  }
  busy_since_.store(0, std::memory_order_release);
  pollfd fds[2] = {{wake_fd_, POLLIN, 0}, {timer_fd_, POLLIN, 0}};
  poll(fds, 2, -1);
  if (fds[0].revents != 0) Drain(wake_fd_);
  if (fds[1].revents != 0) Drain(timer_fd_);
  const std::lock_guard lock(mutex_);
  waiting_ = false;
}

void Loop::Run() {
  thread_id_.store(std::this_thread::get_id(), std::memory_order_release);
  std::vector<std::function<void()>> batch;
  while (!stopping_) {
    Wait();
    // A batch, then the timers that are due by now: neither starves the other.
    {
      const std::lock_guard lock(mutex_);
      batch.swap(posted_);
    }
    for (std::function<void()>& fn : batch) {
      if (stopping_) break;
      RunOne(fn);
    }
    if (stopping_) {
      const std::lock_guard lock(mutex_);
      posted_.insert(posted_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    }
    batch.clear();
    const MonoTime begin = clock_.Now();
    while (!stopping_ && RunDue() && clock_.Now() - begin < std::chrono::milliseconds(5)) {
    }
  }
  busy_since_.store(0, std::memory_order_release);
}

}  // namespace seaworthy::support
