#include "sim/link.h"

#include <vector>

namespace seaworthy::sim {
namespace {

HttpResponse Plain(int status, std::string type, std::string body) {
  HttpResponse response;
  response.head.status = status;
  response.head.content_type = std::move(type);
  response.body = std::move(body);
  return response;
}

HttpResponse Bad(std::uint64_t which) {
  if (which % 3 == 0) return Plain(502, "text/html", "<html><body>502 Bad Gateway</body></html>");
  const int status = which % 3 == 1 ? 500 : 503;
  return Plain(status, "application/json",
               R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":)" +
                   std::to_string(status) + "}");
}

}  // namespace

void Link::Finish(const std::shared_ptr<Call>& call, Result<HttpResponse> answer, Duration after) {
  After(after, [this, call, answer = std::move(answer)]() mutable {
    if (held_) {
      held_back_.push_back(
          [this, call, answer = std::move(answer)]() mutable { Finish(call, std::move(answer), Delay()); });
      return;
    }
    if (std::exchange(call->answered, true)) return;
    if (answer.ok()) judge_.OnList(call->request, *answer);
    call->done(std::move(answer));
  });
}

void Link::Arrive(const std::shared_ptr<Call>& call, HttpRequest request, bool lose_answer) {
  if (held_) {
    // It waits in buffers; the kernel gives up on it before long, as its sender has.
    held_back_.push_back([this, call, request = std::move(request), lose_answer]() mutable {
      Arrive(call, std::move(request), lose_answer);
    });
    return;
  }
  if (down_) return Finish(call, Status(Code::kUnavailable, "connection reset"), Delay());
  HttpResponse answer = server_.Serve(asked_, client_, request, call->sent);
  loop_.Post([&server = server_] { server.Pump(); });
  if (lose_answer) return Finish(call, Status(Code::kUnavailable, "connection reset"), Delay());
  Finish(call, std::move(answer), Delay() + server_.lag(asked_));
}

void Link::Unary(HttpRequest request, Done done) {
  ++requests_;
  if (request.target == "/apis") judge_.OnDiscovery(clock_.Now());
  const auto call = std::make_shared<Call>();
  call->done = std::move(done);
  call->request = {.method = request.method, .target = request.target, .accept = request.accept};
  call->sent = clock_.Now();
  After(request.deadline, [call] {
    if (!std::exchange(call->answered, true)) call->done(Status(Code::kUnavailable, "deadline"));
  });
  if (down_ || Chance(weather_.refused)) return Finish(call, Status(Code::kUnavailable, "connection refused"), Delay());
  if (Chance(weather_.throttled)) {
    HttpResponse answer = Plain(429, "application/json", R"({"kind":"Status","reason":"TooManyRequests","code":429})");
    answer.head.retry_after = std::chrono::seconds(1 + rng_.Next() % 7);
    return Finish(call, std::move(answer), Delay());
  }
  if (Chance(weather_.failed)) return Finish(call, Bad(rng_.Next()), Delay());
  if (Chance(weather_.unauthorized))
    return Finish(call, Plain(401, "application/json", R"({"kind":"Status","reason":"Unauthorized","code":401})"),
                  Delay());
  const bool lose = Chance(weather_.lost_answer);
  const Duration delay = Chance(weather_.late) ? std::chrono::milliseconds(rng_.Next() % 3000) : Delay();
  After(delay, [this, call, lose, request = std::move(request)]() mutable { Arrive(call, std::move(request), lose); });
}

Transport::StreamId Link::Stream(HttpRequest request, StreamObserver* observer) {
  ++requests_;
  const StreamId id = ++last_id_;
  auto stream = std::make_unique<OpenStream>();
  stream->observer = observer;
  stream->last_byte = clock_.Now();
  const Duration deadline = request.deadline;
  stream->request = std::move(request);
  streams_.emplace(id, std::move(stream));
  After(deadline, [this, id] {
    const auto at = streams_.find(id);
    if (at != streams_.end() && !at->second->open) EndStream(id, Status(Code::kUnavailable, "deadline"));
  });
  After(Delay(), [this, id] { Connect(id); });
  return id;
}

void Link::Connect(StreamId id) {
  const auto at = streams_.find(id);
  if (at == streams_.end()) return;
  if (held_) {
    held_back_.push_back([this, id] { Connect(id); });
    return;
  }
  if (down_ || Chance(weather_.refused)) return EndStream(id, Status(Code::kUnavailable, "connection refused"));
  OpenStream& stream = *at->second;
  HttpHead head;
  std::string refusal;
  ApiServer::Watch watch;
  if (Chance(weather_.failed)) {
    HttpResponse bad = Bad(rng_.Next());
    head = bad.head;
    refusal = std::move(bad.body);
  } else if (Chance(weather_.throttled)) {
    head = {
        .status = 429, .content_type = "application/json", .retry_after = std::chrono::seconds(1 + rng_.Next() % 7)};
    refusal = R"({"kind":"Status","reason":"TooManyRequests","code":429})";
  } else if (Chance(weather_.unauthorized)) {
    head = {.status = 401, .content_type = "application/json"};
    refusal = R"({"kind":"Status","reason":"Unauthorized","code":401})";
  } else {
    head = server_.Open(asked_, stream.request, watch, refusal);
  }
  stream.open = true;
  stream.last_byte = clock_.Now();
  stream.observer->OnHead(head);
  if (!streams_.contains(id)) return;
  if (head.status == 404) judge_.OnNotFound(at->second->request, clock_.Now());
  if (head.status != 200) {
    if (!refusal.empty()) stream.observer->OnBytes(refusal);
    if (streams_.contains(id)) EndStream(id, Status::Ok());
    return;
  }
  watch.line = [this, id](std::string line) { Line(id, std::move(line)); };
  watch.end = [this, id] {
    const auto ended = streams_.find(id);
    if (ended == streams_.end()) return;
    ended->second->watch = 0;
    if (ended->second->dead) return;
    if (held_ || !ended->second->waiting.empty()) {
      ended->second->ended = true;
      return;
    }
    EndStream(id, Status::Ok());
  };
  judge_.OnWatch(stream.request);
  stream.watch = server_.Begin(std::move(watch));
  WatchSilence(id);
  loop_.Post([&server = server_] { server.Pump(); });
}

void Link::Line(StreamId id, std::string line) {
  const auto at = streams_.find(id);
  if (at == streams_.end() || at->second->dead) return;
  if (Chance(weather_.dead)) {
    at->second->dead = true;
    return;
  }
  line += '\n';
  if (held_) {
    at->second->waiting += line;
    return;
  }
  if (Chance(weather_.cut)) {
    Bytes(id, std::string_view(line).substr(0, rng_.Next() % line.size()));
    return EndStream(id, rng_.Next() % 2 == 0 ? Status::Ok() : Status(Code::kUnavailable, "connection reset"));
  }
  if (Chance(weather_.ended)) return EndStream(id, Status::Ok());
  if (Chance(weather_.error_event) || Chance(weather_.expired_event)) {
    const bool expired = rng_.Next() % 2 == 0;
    Bytes(id,
          std::string(R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":")") +
              (expired ? "Expired" : "InternalError") + R"(","code":)" + (expired ? "410" : "500") + "}}\n");
    return EndStream(id, Status::Ok());
  }
  Frame(id, line);
}

void Link::Frame(StreamId id, std::string_view line) {
  Bytes(id, line);
  if (const auto at = streams_.find(id); at != streams_.end()) judge_.OnFrame(at->second->request, line);
}

// In pieces as a network makes them.
void Link::Bytes(StreamId id, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto at = streams_.find(id);
    if (at == streams_.end()) return;
    const std::size_t piece = 1 + rng_.Next() % bytes.size();
    at->second->last_byte = clock_.Now();
    at->second->observer->OnBytes(bytes.substr(0, piece));
    bytes.remove_prefix(piece);
  }
}

void Link::EndStream(StreamId id, Status status) {
  const auto at = streams_.find(id);
  if (at == streams_.end()) return;
  const std::unique_ptr<OpenStream> stream = std::move(at->second);
  streams_.erase(at);
  if (stream->watch != 0) server_.End(stream->watch);
  stream->observer->OnEnd(status);
}

void Link::Cancel(StreamId id) {
  const auto at = streams_.find(id);
  if (at == streams_.end()) return;
  if (at->second->watch != 0) server_.End(at->second->watch);
  streams_.erase(at);
}

void Link::WatchSilence(StreamId id) {
  const auto at = streams_.find(id);
  if (at == streams_.end()) return;
  const Duration limit = at->second->request.idle_limit;
  if (limit <= Duration::zero()) return;
  const Duration silent = clock_.Now() - at->second->last_byte;
  if (silent >= limit) {
    judge_.OnLeftSilent(at->second->request);
    return EndStream(id, Status(Code::kUnavailable, "no byte for too long"));
  }
  After(limit - silent, [this, id] { WatchSilence(id); });
}

void Link::SetDown(bool down) {
  down_ = down;
  if (!down) return;
  std::vector<StreamId> ids;
  for (const auto& [id, stream] : streams_) ids.push_back(id);
  for (const StreamId id : ids) EndStream(id, Status(Code::kUnavailable, "connection reset"));
}

void Link::SetHeld(bool held) {
  held_ = held;
  if (held) return;
  for (auto& waiting : std::exchange(held_back_, {})) After(Delay(), std::move(waiting));
  std::vector<StreamId> ids;
  for (const auto& [id, stream] : streams_) ids.push_back(id);
  for (const StreamId id : ids) {
    const auto at = streams_.find(id);
    if (at == streams_.end()) continue;
    const std::string waiting = std::exchange(at->second->waiting, {});
    const bool ended = at->second->ended;
    for (std::size_t begin = 0; begin < waiting.size();) {
      const std::size_t next = waiting.find('\n', begin) + 1;
      Frame(id, std::string_view(waiting).substr(begin, next - begin));
      begin = next;
    }
    if (ended) EndStream(id, Status::Ok());
  }
}

}  // namespace seaworthy::sim
