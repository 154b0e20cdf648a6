// Leader election by a coordination.k8s.io Lease, with client-go's timing (lease 15 s, renew deadline 10 s, retry 2 s,
// jitter 1.2).
//
// Differences that matter (docs/reliability.md): expiry is judged by what is observed here, never by comparing clocks;
// a lost reply to our own write is resolved by reading the lease; a lease that cannot be renewed takes the right to
// write away and nothing else. Leadership is given up only on proof that another holds the lease.
//
// Lives on the executor that its transport calls back on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "seaworthy/clock.h"
#include "seaworthy/transport.h"

namespace seaworthy::wiring {

struct LeaderOptions {
  std::string namespace_ = "seaworthy";
  std::string name = "seaworthy";
  std::string identity;  // unique to this process: pod uid and a random part
  Duration lease = std::chrono::seconds(15);
  Duration renew_deadline = std::chrono::seconds(10);
  Duration retry = std::chrono::seconds(2);
  double jitter = 1.2;  // sleeps are uniform in [retry, retry x jitter)
};

class Elector {
 public:
  // `changed(true)` on becoming the leader, `changed(false)` on proof that another is.
  Elector(LeaderOptions options, Transport& transport, Executor& executor, const Clock& clock, Rng& rng,
          std::function<void(bool)> changed);
  ~Elector();

  void Start();
  // Gives the lease back, if it is held, then calls `done`. No callback comes after that.
  void Stop(std::function<void()> done);

  bool leading() const { return leading_; }
  // Leader, and the last acknowledged renewal was sent less than the renew deadline ago.
  bool MayWrite() const;
  std::uint64_t transitions() const { return lease_.transitions; }

 private:
  // The lease as the server has it, reduced to what decides.
  struct Lease {
    bool exists = false;
    std::string resource_version, holder, renew_time, acquire_time;
    std::int64_t duration_seconds = 0;
    std::uint64_t transitions = 0;
  };

  std::string Target(bool object) const;
  void Tick();
  void ScheduleTick();
  void Get(std::function<void(Status)> then);
  void Consider();
  void Write(bool release);
  void OnWritten(MonoTime sent, Lease wanted, bool release, Result<HttpResponse> response);
  void Confirm(MonoTime sent, const Lease& wanted, bool release);
  void Acknowledge(MonoTime sent, const Lease& wanted, bool release);
  void SetLeading(bool leading);
  bool Observe(const std::string& body);
  std::string Now() const;

  LeaderOptions options_;
  Transport& transport_;
  Executor& executor_;
  const Clock& clock_;
  Rng& rng_;
  std::function<void(bool)> changed_;
  Lease lease_;
  // When the lease was last seen to change, on our own clock: only that starts its countdown.
  std::optional<MonoTime> observed_;
  std::optional<MonoTime> acknowledged_;  // send time of the last renewal that is known to have worked
  bool leading_ = false;
  bool stopping_ = false;
  bool busy_ = false;
  std::function<void()> stopped_;
  Executor::TimerId timer_ = 0;
  // Callbacks of calls still under way must not touch an elector that is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::wiring
