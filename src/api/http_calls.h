// Transport out of a Wire: credentials, deadlines, limits and retries. No library type, so it runs in tests under
// virtual time.
//
// Every call lives on the executor. What the wire reports from its own threads is collected in an Attempt and taken
// from there; an attempt that is no longer the call's current one is not listened to. Numbered where threads meet:
// 1. A call ends exactly once: by its answer, its timers, or Cancel; after that nothing of it calls out.
// 2. After the destructor began, nothing is posted to the executor any more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "api/credentials.h"
#include "api/transport.h"
#include "api/wire.h"
#include "seaworthy/clock.h"
#include "seaworthy/transport.h"

namespace seaworthy::api {

class Attempt;

class HttpTransport : public Transport {
 public:
  HttpTransport(TransportOptions options, std::unique_ptr<Wire> wire, std::shared_ptr<CredentialSource> credentials,
                Executor* executor, const Clock* clock);
  ~HttpTransport() override;

  void Unary(HttpRequest request, Done done) override;
  StreamId Stream(HttpRequest request, StreamObserver* observer) override;
  void Cancel(StreamId id) override;

  // The way home for other threads: outlives the transport, and then leads nowhere.
  class Home;

 private:
  friend class Attempt;
  struct Call;

  // What runs at a time without streams: with them and one socket a kind it keeps the connections under "kinds + 12".
  enum Lane : std::uint8_t { kReads, kWrites, kLease, kReview, kLaneCount };
  static constexpr std::array<int, kLaneCount> kLaneWidth = {4, 4, 2, 2};
  struct LaneState {
    int busy = 0;
    std::deque<StreamId> waiting;
  };

  static Lane LaneOf(const Call& call);
  Call* Find(StreamId id);
  void Begin(std::shared_ptr<Call> call);
  void Authorize(StreamId id);
  void OnRefreshed(StreamId id, bool changed);
  void Send(Call& call, const std::string& bearer);
  // The attempt has news; they are taken and delivered.
  void Collect(StreamId id, const std::shared_ptr<Attempt>& attempt);
  void OnHead(Call& call, const WireHead& wire_head);
  void OnEnd(Call& call, const WireResult& result);
  bool Retry(Call& call);
  void ArmIdleTimer(Call& call, Duration delay);
  void OnDeadline(StreamId id);
  void OnConnectLimit(StreamId id, const std::shared_ptr<Attempt>& attempt);
  void Fail(Call& call, Status status);
  void Record(const Call& call, int status);
  // Takes the call out of everything; whoever delivers its end does so afterwards.
  std::shared_ptr<Call> Remove(StreamId id);
  void Count(std::atomic<std::uint64_t> TransportCounters::* counter);

  const TransportOptions options_;
  const std::shared_ptr<CredentialSource> credentials_;
  Executor* const executor_;
  const Clock* const clock_;
  std::shared_ptr<Home> home_;
  std::atomic<StreamId> next_id_ = 1;
  std::map<StreamId, std::shared_ptr<Call>> calls_;
  std::array<LaneState, kLaneCount> lanes_;
  std::unique_ptr<Wire> wire_;
};

}  // namespace seaworthy::api
