// The way from one process to the servers, with everything that can happen on it. Implements Transport as the real one
// does: deadlines, idle limits, no callback inside the call that started it, none after Cancel.
//
// A request may arrive and its answer be lost; it may arrive after its sender gave up, though no later than three
// seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "seaworthy/transport.h"
#include "sim/api_server.h"
#include "sim/wire_judge.h"
#include "support/manual_loop.h"
#include "support/rng.h"

namespace seaworthy::sim {

// Chances per thousand, of requests or of frames.
struct Weather {
  int refused = 0;        // never arrives
  int lost_answer = 0;    // arrives, and nobody hears of it
  int late = 0;           // arrives up to three seconds later
  int throttled = 0;      // 429 with Retry-After
  int failed = 0;         // 500, 502 with HTML, 503
  int unauthorized = 0;   // 401
  int cut = 0;            // a stream ends in the middle of a frame
  int dead = 0;           // nothing comes on a stream any more, not even its end
  int ended = 0;          // a stream ends cleanly between two frames
  int error_event = 0;    // a stream says 500 and ends
  int expired_event = 0;  // a stream says 410 and ends
};

class Link final : public Transport {
 public:
  Link(std::string client, ApiServer& server, support::ManualLoop& loop, support::ManualClock& clock,
       std::uint64_t seed)
      : client_(std::move(client)), server_(server), loop_(loop), clock_(clock), rng_(seed) {}
  ~Link() override {
    for (auto& [id, stream] : streams_) server_.End(stream->watch);
  }

  void Unary(HttpRequest request, Done done) override;
  StreamId Stream(HttpRequest request, StreamObserver* observer) override;
  void Cancel(StreamId id) override;

  void SetWeather(const Weather& weather) { weather_ = weather; }
  void SetServer(std::size_t server) { asked_ = server; }
  // Refused or broken from now on, until it is switched on again.
  void SetDown(bool down);
  // Nothing passes in either direction, and nobody is told; what was on the way arrives when it ends.
  void SetHeld(bool held);
  // The process is stopped: likewise, and its own timers wait as well.
  void SetStopped(bool stopped) {
    stopped_ = stopped;
    SetHeld(stopped);
  }
  bool reachable() const { return !down_ && !held_; }

  std::uint64_t requests() const { return requests_; }
  const WireJudge& judge() const { return judge_; }

 private:
  struct OpenStream {
    HttpRequest request;
    StreamObserver* observer = nullptr;
    std::uint64_t watch = 0;  // at the server; 0: none
    bool open = false;        // the head has been told
    MonoTime last_byte;
    std::string waiting;  // bytes behind a held link
    bool ended = false;   // behind them: the server's end
    bool dead = false;
  };
  struct Call {
    Done done;
    HttpRequest request;
    bool answered = false;
    MonoTime sent{};
  };

  bool Chance(int per_thousand) {
    return per_thousand > 0 && rng_.Next() % 1000 < static_cast<std::uint64_t>(per_thousand);
  }
  Duration Delay() { return std::chrono::microseconds(500 + rng_.Next() % 4500); }
  void Finish(const std::shared_ptr<Call>& call, Result<HttpResponse> answer, Duration after);
  void Arrive(const std::shared_ptr<Call>& call, HttpRequest request, bool lose_answer);
  void Connect(StreamId id);
  void Line(StreamId id, std::string line);
  // A whole one.
  void Frame(StreamId id, std::string_view line);
  void Bytes(StreamId id, std::string_view bytes);
  void EndStream(StreamId id, Status status);
  void WatchSilence(StreamId id);
  // Runs it unless this link has gone; once its process runs.
  void After(Duration delay, std::function<void()> fn) {
    loop_.PostAfter(delay, [this, alive = std::weak_ptr(alive_), fn = std::move(fn)] {
      if (alive.expired()) return;
      if (stopped_) {
        held_back_.push_back(fn);
      } else {
        fn();
      }
    });
  }

  const std::string client_;
  ApiServer& server_;
  support::ManualLoop& loop_;
  support::ManualClock& clock_;
  support::SeededRng rng_;
  Weather weather_;
  std::size_t asked_ = 0;
  bool down_ = false, held_ = false, stopped_ = false;
  StreamId last_id_ = 0;
  std::map<StreamId, std::unique_ptr<OpenStream>> streams_;
  std::vector<std::function<void()>> held_back_;
  std::uint64_t requests_ = 0;
  WireJudge judge_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::sim
