// A transport that a test answers by hand: it notes down requests and delivers what it is told, on the virtual loop.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/testing/virtual_loop.h"
#include "seaworthy/transport.h"

namespace seaworthy::api::testing {

inline HttpHead JsonHead(int status = 200) { return {.status = status, .content_type = "application/json"}; }
inline HttpResponse JsonAnswer(std::string body, int status = 200) { return {JsonHead(status), std::move(body)}; }

class FakeTransport : public Transport {
 public:
  struct OpenStream {
    StreamId id;
    HttpRequest request;
    StreamObserver* observer;
  };
  struct OpenCall {
    HttpRequest request;
    Done done;
  };
  // Answers a unary request at once (by way of the loop); nullopt leaves it open for the test.
  using Responder = std::function<std::optional<Result<HttpResponse>>(const HttpRequest&)>;

  explicit FakeTransport(VirtualLoop* loop) : loop_(loop) {}

  void Unary(HttpRequest request, Done done) override {
    requests.push_back(request);
    if (responder) {
      if (std::optional<Result<HttpResponse>> answer = responder(request)) {
        loop_->Post([done = std::move(done), answer = *std::move(answer)]() mutable { done(std::move(answer)); });
        return;
      }
    }
    calls.push_back({std::move(request), std::move(done)});
  }
  StreamId Stream(HttpRequest request, StreamObserver* observer) override {
    requests.push_back(request);
    const StreamId id = ++last_id_;
    streams.push_back({id, std::move(request), observer});
    if (opens_by_itself) {
      loop_->Post([this, id] {
        for (const OpenStream& stream : streams) {
          if (stream.id == id) return stream.observer->OnHead(JsonHead());
        }
      });
    }
    return id;
  }
  void Cancel(StreamId id) override {
    std::erase_if(streams, [id](const OpenStream& stream) { return stream.id == id; });
  }

  bool has_stream() const { return !streams.empty(); }
  // Of the newest stream.
  const HttpRequest& stream_request() const { return streams.back().request; }
  void Head(const HttpHead& head) { streams.back().observer->OnHead(head); }
  void Open() { Head(JsonHead()); }
  void Bytes(std::string_view bytes) { streams.back().observer->OnBytes(bytes); }
  void Line(const std::string& line) { Bytes(line + "\n"); }
  void End(const Status& status = Status::Ok()) {
    const OpenStream stream = streams.back();
    streams.pop_back();
    stream.observer->OnEnd(status);
  }
  // A whole refusal: head, body, end.
  void Refuse(const HttpHead& head, std::string_view body = {}) {
    Head(head);
    if (!body.empty() && has_stream()) Bytes(body);
    if (has_stream()) End();
  }
  // The oldest open unary call.
  void Answer(Result<HttpResponse> answer) {
    OpenCall call = std::move(calls.front());
    calls.pop_front();
    call.done(std::move(answer));
  }
  std::size_t Count(std::string_view part_of_target) const {
    return static_cast<std::size_t>(std::count_if(requests.begin(), requests.end(), [&](const HttpRequest& request) {
      return request.target.find(part_of_target) != std::string::npos;
    }));
  }

  std::vector<HttpRequest> requests;  // all, in order
  std::list<OpenStream> streams;
  std::deque<OpenCall> calls;
  Responder responder;
  bool opens_by_itself = false;  // answer streams with 200 without being told

 private:
  VirtualLoop* const loop_;
  StreamId last_id_ = 0;
};

}  // namespace seaworthy::api::testing
