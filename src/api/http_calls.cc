#include "api/http_calls.h"

#include <algorithm>
#include <utility>

#include "api/http_calls_state.h"
#include "api/http_date.h"

namespace seaworthy::api {
namespace {

constexpr int kGetRetries = 3;
// The first retry comes at once as far as people can tell, the third still within any deadline of ours.
constexpr Duration kRetryPause = std::chrono::milliseconds(50);

HttpHead MakeHead(const WireHead& wire, WallTime now) {
  HttpHead head;
  head.status = wire.status;
  head.content_type = wire.content_type;
  head.date = ParseHttpDate(wire.date);
  head.retry_after = ParseRetryAfter(wire.retry_after, head.date.value_or(now));
  head.location = wire.location;
  head.challenge = wire.challenge;
  return head;
}

std::string Seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

HttpTransport::HttpTransport(TransportOptions options, std::unique_ptr<Wire> wire,
                             std::shared_ptr<CredentialSource> credentials, Executor* executor, const Clock* clock)
    : options_(std::move(options)),
      credentials_(std::move(credentials)),
      executor_(executor),
      clock_(clock),
      home_(std::make_shared<Home>(executor, this)),
      wire_(std::move(wire)) {}

HttpTransport::~HttpTransport() {
  home_->Close();
  while (!calls_.empty()) Remove(calls_.begin()->first);
}

void HttpTransport::Unary(HttpRequest request, Done done) {
  auto call = std::make_shared<Call>();
  call->id = next_id_++;
  call->request = std::move(request);
  call->done = std::move(done);
  Home::Post(home_, [call](HttpTransport& self) { self.Begin(call); });
}

Transport::StreamId HttpTransport::Stream(HttpRequest request, StreamObserver* observer) {
  auto call = std::make_shared<Call>();
  const StreamId id = next_id_++;
  call->id = id;
  call->request = std::move(request);
  call->observer = observer;
  call->started = clock_->Now();
  // Known from now on, so that a Cancel before Begin finds it. Streams are started on the executor by those who cancel
  // them there.
  calls_.emplace(id, call);
  Home::Post(home_, [call](HttpTransport& self) { self.Begin(call); });
  return id;
}

void HttpTransport::Cancel(StreamId id) { Remove(id); }

HttpTransport::Lane HttpTransport::LaneOf(const Call& call) {
  switch (call.request.channel) {
    case Channel::kLease: return kLease;
    case Channel::kReview: return kReview;
    case Channel::kWatch:
    case Channel::kUnary: break;
  }
  return call.request.method == Method::kGet ? kReads : kWrites;
}

HttpTransport::Call* HttpTransport::Find(StreamId id) {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : found->second.get();
}

void HttpTransport::Begin(std::shared_ptr<Call> call) {
  const StreamId id = call->id;
  if (call->stream() && Find(id) == nullptr) return;  // cancelled before it began
  call->started = clock_->Now();
  calls_.emplace(id, call);
  call->deadline_timer =
      Home::PostAfter(home_, call->request.deadline, [id](HttpTransport& self) { self.OnDeadline(id); });
  if (call->stream()) {
    Authorize(id);
    return;
  }
  LaneState& lane = lanes_[LaneOf(*call)];
  if (lane.busy >= kLaneWidth[LaneOf(*call)]) {
    lane.waiting.push_back(id);
    return;
  }
  ++lane.busy;
  call->in_lane = true;
  Authorize(id);
}

void HttpTransport::Authorize(StreamId id) {
  Call* call = Find(id);
  if (call == nullptr) return;
  call->waits_for = "a credential";
  const Credential credential = credentials_->Current();
  if (!credential.needs_refresh) {
    Send(*call, credential.bearer);
    return;
  }
  credentials_->Refresh([home = home_, id](bool) {
    Home::Post(home, [id](HttpTransport& self) {
      Call* waiting = self.Find(id);
      if (waiting == nullptr) return;
      const Credential fresh = self.credentials_->Current();
      if (fresh.needs_refresh) {
        self.Fail(*waiting, Status(Code::kUnauthenticated, "no credential: " + fresh.problem));
      } else {
        self.Send(*waiting, fresh.bearer);
      }
    });
  });
}

void HttpTransport::Send(Call& call, const std::string& bearer) {
  WireRequest wire;
  wire.method = call.request.method;
  wire.target = call.request.target;
  wire.body = call.request.body;
  wire.content_type = call.request.content_type;
  wire.channel = call.request.channel;
  wire.reuse_connection = call.request.method == Method::kGet;
  const std::string authorization = !call.request.authorization.empty() ? call.request.authorization
                                    : bearer.empty()                    ? std::string()
                                                                        : "Bearer " + bearer;
  if (!authorization.empty() && credentials_->server().plain) {
    // Whoever lets it come to this has a bug; the credential must not pay for it.
    Fail(call, Status(Code::kInvalidArgument, "a credential would be sent in clear"));
    return;
  }
  if (!authorization.empty()) wire.headers.emplace_back("Authorization", authorization);
  if (!call.request.accept.empty()) wire.headers.emplace_back("Accept", call.request.accept);
  wire.headers.emplace_back("User-Agent", options_.user_agent);
  if (options_.accept_gzip && !call.stream() && call.request.method == Method::kGet)
    wire.headers.emplace_back("Accept-Encoding", "gzip");

  const StreamId id = call.id;
  // The attempt must not hold itself, and its notice may come before Start returns: it is looked up when it is taken.
  auto self = std::make_shared<std::weak_ptr<Attempt>>();
  auto attempt = std::make_shared<Attempt>(
      Attempt::Options{call.stream(), options_.stream_window, options_.response_cap}, clock_, [home = home_, id, self] {
        Home::Post(home, [id, self](HttpTransport& transport) {
          if (const std::shared_ptr<Attempt> told = self->lock()) transport.Collect(id, told);
        });
      });
  *self = attempt;
  call.attempt = attempt;
  call.waits_for = "a connection";
  if (options_.counters != nullptr) ++options_.counters->open_exchanges;
  attempt->wire_id = wire_->Start(std::move(wire), attempt);
  executor_->Cancel(call.connect_timer);
  call.connect_timer =
      Home::PostAfter(home_, options_.connect_limit, [id, weak = std::weak_ptr(attempt)](HttpTransport& transport) {
        if (const std::shared_ptr<Attempt> slow = weak.lock()) transport.OnConnectLimit(id, slow);
      });
}

void HttpTransport::Collect(StreamId id, const std::shared_ptr<Attempt>& attempt) {
  // After every call out the call may be gone, or on its next attempt.
  const auto current = [&]() -> Call* {
    Call* call = Find(id);
    return call != nullptr && call->attempt == attempt ? call : nullptr;
  };
  if (current() == nullptr) return;
  Attempt::News news = attempt->Take();
  if (news.head) OnHead(*current(), *news.head);
  Call* call = current();
  if (call == nullptr) return;
  if (!news.failure.ok()) {
    Fail(*call, news.failure);
    return;
  }
  if (call->stream() && !news.bytes.empty()) {
    call->observer->OnBytes(news.bytes);
    call = current();
    if (call == nullptr) return;
  }
  if (news.paused) wire_->Resume(attempt->wire_id);
  if (news.end) {
    if (!call->stream() && news.end->end == WireEnd::kComplete && call->head_delivered) {
      HttpResponse response{call->head, std::move(news.bytes)};
      const std::shared_ptr<Call> ended = Remove(id);
      ended->done(std::move(response));
    } else {
      OnEnd(*call, *news.end);
    }
  }
}

void HttpTransport::OnHead(Call& call, const WireHead& wire_head) {
  Record(call, wire_head.status);
  if (wire_head.status >= 300 && wire_head.status < 400 && !options_.hand_over_redirects) {
    // The library would send the token to wherever it points (RELIABILITY.md 0a); no API server redirects.
    Count(&TransportCounters::redirects);
    Fail(call,
         Status(Code::kFailedPrecondition, credentials_->server().Authority() + " answered with a redirect (HTTP " +
                                               std::to_string(wire_head.status) + "), which is not followed"));
    return;
  }
  if (wire_head.status == 401) {
    Count(&TransportCounters::unauthorized);
    const bool again = !call.refreshed && call.request.method == Method::kGet;
    if (again) {
      call.refreshed = true;
      call.unauthorized = wire_head;
      wire_->Abort(call.attempt->wire_id);
      if (options_.counters != nullptr) --options_.counters->open_exchanges;
      call.attempt.reset();
      call.waits_for = "a new credential";
    }
    // A write is not sent again from here, but the next one shall have the new credential.
    if (again || call.request.method != Method::kGet) {
      credentials_->Refresh([home = home_, id = again ? call.id : 0](bool changed) {
        Home::Post(home, [id, changed](HttpTransport& self) { self.OnRefreshed(id, changed); });
      });
    }
    if (again) return;
  }
  call.head = MakeHead(wire_head, clock_->Wall());
  call.head_delivered = true;
  call.waits_for = "the rest of the answer";
  executor_->Cancel(call.connect_timer);
  if (!call.stream()) return;
  executor_->Cancel(call.deadline_timer);
  if (call.request.idle_limit > Duration::zero()) ArmIdleTimer(call, call.request.idle_limit);
  call.observer->OnHead(call.head);
}

void HttpTransport::OnRefreshed(StreamId id, bool changed) {
  // A new client certificate takes part only in new connections.
  if (changed) wire_->DropIdleConnections();
  Call* call = Find(id);
  if (call == nullptr) return;
  if (changed) {
    call->unauthorized.reset();
    Authorize(id);
    return;
  }
  const HttpHead head = MakeHead(*call->unauthorized, clock_->Wall());
  if (!call->stream()) {
    Remove(id)->done(HttpResponse{head, {}});
    return;
  }
  call->head_delivered = true;
  call->observer->OnHead(head);
  // The observer may have cancelled.
  if (const std::shared_ptr<Call> ended = Remove(id)) ended->observer->OnEnd(Status::Ok());
}

void HttpTransport::OnEnd(Call& call, const WireResult& result) {
  if (result.end == WireEnd::kBroken && Retry(call)) return;
  Status status;
  switch (result.end) {
    case WireEnd::kComplete:
      if (!call.head_delivered) status = Status(Code::kUnavailable, "the connection ended without an answer");
      break;
    case WireEnd::kInvalid: status = Status(Code::kInvalidArgument, result.message); break;
    case WireEnd::kConnect:
    case WireEnd::kTls:
    case WireEnd::kBroken:
    case WireEnd::kAborted:
      status = Status(Code::kUnavailable, credentials_->server().Authority() + ": " + result.message);
      break;
  }
  if (!call.head_delivered) Record(call, 0);
  const std::shared_ptr<Call> ended = Remove(call.id);
  if (ended->stream()) {
    ended->observer->OnEnd(status);
  } else {
    ended->done(status);
  }
}

bool HttpTransport::Retry(Call& call) {
  // A watch goes on from its resource version, which only the watcher knows; a write's effect is unknown.
  if (call.stream() || call.request.method != Method::kGet || call.retries >= kGetRetries) return false;
  const Duration pause = kRetryPause * (1 << call.retries);
  if (clock_->Now() + pause >= call.started + call.request.deadline) return false;
  ++call.retries;
  Count(&TransportCounters::retried_gets);
  if (options_.counters != nullptr) --options_.counters->open_exchanges;
  call.attempt.reset();
  call.head_delivered = false;
  call.waits_for = "its next try";
  call.other_timer = Home::PostAfter(home_, pause, [id = call.id](HttpTransport& self) { self.Authorize(id); });
  return true;
}

void HttpTransport::ArmIdleTimer(Call& call, Duration delay) {
  call.other_timer = Home::PostAfter(home_, delay, [id = call.id](HttpTransport& self) {
    Call* stream = self.Find(id);
    if (stream == nullptr || stream->attempt == nullptr) return;
    const Duration silence = self.clock_->Now() - stream->attempt->last_byte();
    if (silence < stream->request.idle_limit) {
      self.ArmIdleTimer(*stream, stream->request.idle_limit - silence);
      return;
    }
    self.Count(&TransportCounters::deadlines);
    self.Fail(*stream, Status(Code::kUnavailable, "no byte for " + Seconds(silence)));
  });
}

void HttpTransport::OnDeadline(StreamId id) {
  Call* call = Find(id);
  if (call == nullptr) return;
  Count(&TransportCounters::deadlines);
  if (!call->head_delivered) Record(*call, 0);
  if (call->attempt != nullptr && call->attempt->connected() && !call->head_delivered) call->waits_for = "the answer";
  Fail(*call, Status(Code::kUnavailable, credentials_->server().Authority() + ": no answer within " +
                                             Seconds(call->request.deadline) + ", waiting for " + call->waits_for));
}

void HttpTransport::OnConnectLimit(StreamId id, const std::shared_ptr<Attempt>& attempt) {
  Call* call = Find(id);
  if (call == nullptr || call->attempt != attempt) return;
  if (attempt->connected()) return;
  Count(&TransportCounters::deadlines);
  Record(*call, 0);
  Fail(*call, Status(Code::kUnavailable,
                     credentials_->server().Authority() + ": no connection within " + Seconds(options_.connect_limit)));
}

void HttpTransport::Fail(Call& call, Status status) {
  const std::shared_ptr<Call> ended = Remove(call.id);
  if (ended->stream()) {
    ended->observer->OnEnd(status);
  } else {
    ended->done(std::move(status));
  }
}

std::shared_ptr<HttpTransport::Call> HttpTransport::Remove(StreamId id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return nullptr;
  std::shared_ptr<Call> call = std::move(found->second);
  calls_.erase(found);
  for (const Executor::TimerId timer : {call->deadline_timer, call->connect_timer, call->other_timer})
    executor_->Cancel(timer);
  if (call->attempt != nullptr) {
    wire_->Abort(call->attempt->wire_id);  // does nothing when it has ended
    if (options_.counters != nullptr) --options_.counters->open_exchanges;
  }
  if (call->in_lane) {
    LaneState& lane = lanes_[LaneOf(*call)];
    --lane.busy;
    while (!lane.waiting.empty() && lane.busy < kLaneWidth[LaneOf(*call)]) {
      Call* next = Find(lane.waiting.front());
      lane.waiting.pop_front();
      if (next == nullptr) continue;  // its deadline passed
      ++lane.busy;
      next->in_lane = true;
      // Not from here: Authorize may call out, and we are inside someone's call.
      Home::Post(home_, [next_id = next->id](HttpTransport& self) { self.Authorize(next_id); });
    }
  }
  return call;
}

void HttpTransport::Record(const Call& call, int status) {
  if (options_.on_exchange)
    options_.on_exchange({call.request.method, call.request.channel, status, clock_->Now() - call.started});
}

void HttpTransport::Count(std::atomic<std::uint64_t> TransportCounters::* counter) {
  if (options_.counters != nullptr) ++((*options_.counters).*counter);
}

}  // namespace seaworthy::api
