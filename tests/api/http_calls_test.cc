// Deadlines, retries and credentials in virtual time, over a wire that a test answers by hand.
#include "api/http_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "api/testing/transport_rig.h"
#include "api/testing/virtual_loop.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeWire : public Wire {
 public:
  struct Open {
    WireRequest request;
    std::shared_ptr<WireObserver> observer;
  };
  Id Start(WireRequest request, std::shared_ptr<WireObserver> observer) override {
    open.emplace(++last, Open{std::move(request), std::move(observer)});
    return last;
  }
  void Abort(Id id) override {
    const auto found = open.find(id);
    if (found == open.end()) return;
    aborted.insert(id);
    open.erase(found);
  }
  void Resume(Id id) override { resumed.push_back(id); }
  void DropIdleConnections() override { ++dropped; }

  WireObserver& newest() { return *open.rbegin()->second.observer; }
  void Finish(WireResult result) {
    const auto observer = open.rbegin()->second.observer;
    open.erase(std::prev(open.end()));
    observer->OnEnd(std::move(result));
  }
  void Answer(int status, std::string_view body, WireHead head = {}) {
    head.status = status;
    const auto observer = open.rbegin()->second.observer;
    observer->OnConnected();
    observer->OnHead(std::move(head));
    observer->OnBytes(body);
    Finish({});
  }

  std::map<Id, Open> open;
  std::set<Id> aborted;
  std::vector<Id> resumed;
  int dropped = 0;
  Id last = 0;
};

// Credentials whose Refresh is answered later.
class SlowCredentials : public TestCredentials {
 public:
  SlowCredentials() : TestCredentials(*ParseServerUrl("https://api:6443"), "CA") {}
  Credential Current() override { return missing ? Credential{{}, true, "log in first"} : TestCredentials::Current(); }
  void Refresh(std::function<void(bool)> done) override { waiting.push_back(std::move(done)); }
  void Answer(bool changed) {
    const auto done = std::move(waiting.front());
    waiting.erase(waiting.begin());
    done(changed);
  }
  bool missing = false;
  std::vector<std::function<void(bool)>> waiting;
};

struct Calls {
  Calls() {
    TransportOptions options;
    options.counters = counters;
    options.stream_window = 100;
    options.response_cap = 1000;
    options.on_exchange = [this](const ExchangeRecord& record) { records.push_back(record.status); };
    auto owned = std::make_unique<FakeWire>();
    wire = owned.get();
    transport = std::make_unique<HttpTransport>(options, std::move(owned), credentials, &loop, &loop);
  }
  void Get(Duration deadline = 10s) { Send({.target = "/x", .deadline = deadline}); }
  void Send(HttpRequest request) {
    transport->Unary(std::move(request), [this](Result<HttpResponse> result) { results.push_back(std::move(result)); });
    loop.Run();
  }

  VirtualLoop loop;
  std::shared_ptr<TransportCounters> counters = std::make_shared<TransportCounters>();
  std::shared_ptr<SlowCredentials> credentials = std::make_shared<SlowCredentials>();
  FakeWire* wire = nullptr;
  std::vector<int> records;
  std::vector<Result<HttpResponse>> results;
  std::unique_ptr<HttpTransport> transport;
};

TEST(HttpCalls, GiveUpOnAConnectionAfterFiveSeconds) {
  Calls calls;
  calls.Get(65s);
  calls.loop.RunFor(4999ms);
  EXPECT_THAT(calls.results, IsEmpty());
  calls.loop.RunFor(1ms);
  ASSERT_EQ(calls.results.size(), 1U);
  EXPECT_THAT(calls.results[0].status().message(), HasSubstr("api:6443: no connection within 5 s"));
  EXPECT_THAT(calls.wire->open, IsEmpty());
  EXPECT_THAT(calls.records, ElementsAre(0));
}

TEST(HttpCalls, GiveAConnectedCallItsWholeDeadline) {
  Calls calls;
  calls.Get(65s);
  calls.wire->newest().OnConnected();
  calls.loop.RunFor(64s);
  EXPECT_THAT(calls.results, IsEmpty());
  calls.loop.RunFor(1s);
  ASSERT_EQ(calls.results.size(), 1U);
  EXPECT_THAT(calls.results[0].status().message(), HasSubstr("waiting for the answer"));
  EXPECT_EQ(calls.counters->open_exchanges, 0);
}

TEST(HttpCalls, RetryAGetThreeTimesWithinItsDeadline) {
  Calls calls;
  calls.Get();
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(calls.wire->open.size(), 1U) << i;
    calls.wire->newest().OnConnected();
    calls.wire->Finish({WireEnd::kBroken, "reset"});
    calls.loop.RunFor(1s);
  }
  ASSERT_EQ(calls.results.size(), 1U);
  EXPECT_EQ(calls.results[0].status().code(), Code::kUnavailable);
  EXPECT_EQ(calls.counters->retried_gets, 3U);

  calls.Get(40ms);
  calls.wire->Finish({WireEnd::kBroken, "reset"});
  calls.loop.Run();
  EXPECT_EQ(calls.results.size(), 2U) << "no time for another try";
}

TEST(HttpCalls, DoNotRetryWhatCannotBeCuredOrRepeated) {
  for (const WireEnd end : {WireEnd::kConnect, WireEnd::kTls, WireEnd::kInvalid}) {
    Calls calls;
    calls.Get();
    calls.wire->Finish({end, "no"});
    calls.loop.RunFor(5s);
    ASSERT_EQ(calls.results.size(), 1U);
    EXPECT_EQ(calls.results[0].status().code(), end == WireEnd::kInvalid ? Code::kInvalidArgument : Code::kUnavailable);
    EXPECT_EQ(calls.wire->last, 1U);
  }
  for (const Method method : {Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    Calls calls;
    calls.Send({.method = method, .target = "/x"});
    EXPECT_FALSE(calls.wire->open.begin()->second.request.reuse_connection);
    calls.wire->Finish({WireEnd::kBroken, "reset"});
    calls.loop.RunFor(5s);
    EXPECT_EQ(calls.results.size(), 1U);
    EXPECT_EQ(calls.wire->last, 1U);
  }
}

TEST(HttpCalls, AskForACredentialBeforeTheyGo) {
  Calls calls;
  calls.credentials->missing = true;
  calls.Get();
  EXPECT_THAT(calls.wire->open, IsEmpty());
  ASSERT_EQ(calls.credentials->waiting.size(), 1U);
  calls.credentials->missing = false;
  calls.credentials->Answer(true);
  calls.loop.Run();
  EXPECT_EQ(calls.wire->open.size(), 1U);
  EXPECT_EQ(calls.wire->open.begin()->second.request.headers.front().second, "Bearer secret-token");

  calls.credentials->missing = true;
  calls.Get();
  calls.credentials->Answer(false);
  calls.loop.Run();
  ASSERT_EQ(calls.results.size(), 1U);
  EXPECT_EQ(calls.results[0].status().code(), Code::kUnauthenticated);
  EXPECT_THAT(calls.results[0].status().message(), HasSubstr("log in first"));
}

TEST(HttpCalls, ACredentialThatTakesTooLongCountsAgainstTheDeadline) {
  Calls calls;
  calls.credentials->missing = true;
  calls.Get();
  calls.loop.RunFor(10s);
  ASSERT_EQ(calls.results.size(), 1U);
  EXPECT_THAT(calls.results[0].status().message(), HasSubstr("waiting for a credential"));
  calls.credentials->Answer(true);
  calls.loop.Run();
  EXPECT_THAT(calls.wire->open, IsEmpty());
}

TEST(HttpCalls, OpenNewConnectionsAfterTheCredentialChanged) {
  Calls calls;
  calls.Get();
  calls.wire->newest().OnHead({.status = 401});
  calls.loop.Run();
  EXPECT_EQ(calls.wire->aborted.size(), 1U);
  calls.credentials->Answer(true);
  calls.loop.Run();
  EXPECT_EQ(calls.wire->dropped, 1);
  calls.wire->Answer(200, "ok");
  calls.loop.Run();
  ASSERT_EQ(calls.results.size(), 1U);
  EXPECT_EQ(calls.results[0]->body, "ok");
  EXPECT_THAT(calls.records, ElementsAre(401, 200));
}

TEST(HttpCalls, FourReadsAtATimeInOrder) {
  Calls calls;
  for (int i = 0; i < 6; ++i) calls.Send({.target = "/" + std::to_string(i)});
  EXPECT_EQ(calls.wire->open.size(), 4U);
  // The queue counts against the deadline too.
  calls.wire->Answer(200, "");
  calls.loop.Run();
  EXPECT_EQ(calls.wire->open.size(), 4U);
  EXPECT_EQ(calls.wire->open.rbegin()->second.request.target, "/4");
  calls.Send({.method = Method::kPatch, .target = "/w"});
  calls.Send({.method = Method::kPut, .target = "/l", .channel = Channel::kLease});
  calls.Send({.method = Method::kPost, .target = "/r", .channel = Channel::kReview});
  EXPECT_EQ(calls.wire->open.size(), 7U);
  for (auto& [id, open] : calls.wire->open) open.observer->OnConnected();
  calls.loop.RunFor(11s);
  EXPECT_EQ(calls.results.size(), 9U);
  EXPECT_THAT(calls.wire->open, IsEmpty());
  calls.Get();
  EXPECT_EQ(calls.wire->open.size(), 1U) << "the places are free again";
}

TEST(HttpCalls, PauseTheWireAtTheWindowAndResumeIt) {
  Calls calls;
  StreamRecorder stream;
  const auto id = calls.transport->Stream({.target = "/w", .channel = Channel::kWatch}, &stream);
  calls.loop.Run();
  const std::shared_ptr<WireObserver> observer = calls.wire->open.begin()->second.observer;
  observer->OnHead({.status = 200, .content_type = "application/json"});
  EXPECT_TRUE(observer->OnBytes(std::string(99, 'x')));
  EXPECT_FALSE(observer->OnBytes("yz"));
  EXPECT_THAT(calls.wire->resumed, IsEmpty());
  calls.loop.Run();
  EXPECT_EQ(stream.bytes().size(), 101U);
  EXPECT_EQ(calls.wire->resumed.size(), 1U);
  EXPECT_TRUE(observer->OnBytes("more"));
  calls.transport->Cancel(id);
  calls.loop.Run();
  EXPECT_EQ(stream.bytes().size(), 101U) << "nothing after Cancel, even if it was there before";
}

// Cancels itself in the callback that it is told to.
class Quitter : public StreamObserver {
 public:
  explicit Quitter(Transport* transport) : transport_(transport) {}
  void OnHead(const HttpHead&) override { Called(at_head); }
  void OnBytes(std::string_view) override { Called(!at_head); }
  void OnEnd(const Status&) override { ++calls; }
  void Called(bool quit) {
    ++calls;
    if (quit) transport_->Cancel(id);
  }
  Transport::StreamId id = 0;
  bool at_head = false;
  int calls = 0;

 private:
  Transport* const transport_;
};

TEST(HttpCalls, AnObserverMayCancelInItsCallbacks) {
  for (const int status : {200, 401}) {
    for (const bool at_head : {true, false}) {
      Calls calls;
      Quitter quitter(calls.transport.get());
      quitter.at_head = at_head;
      quitter.id = calls.transport->Stream({.target = "/w", .channel = Channel::kWatch}, &quitter);
      calls.loop.Run();
      const std::shared_ptr<WireObserver> observer = calls.wire->open.begin()->second.observer;
      observer->OnHead({.status = status, .content_type = "application/json"});
      observer->OnBytes("bytes");
      observer->OnEnd({});
      calls.loop.Run();
      if (status == 401) {
        calls.credentials->Answer(false);
        calls.loop.Run();
      }
      const int expected = at_head ? 1 : 2;
      EXPECT_EQ(quitter.calls, expected) << status << at_head;
    }
  }
}

TEST(HttpCalls, NothingIsPostedOrCalledOnceTheTransportIsGone) {
  Calls calls;
  StreamRecorder stream;
  calls.transport->Stream({.target = "/w", .channel = Channel::kWatch}, &stream);
  calls.Get();
  const std::shared_ptr<WireObserver> observer = calls.wire->open.begin()->second.observer;
  calls.credentials->missing = true;
  calls.Get();
  calls.transport.reset();
  observer->OnHead({.status = 200});
  observer->OnBytes("late");
  observer->OnEnd({});
  while (!calls.credentials->waiting.empty()) calls.credentials->Answer(true);
  EXPECT_EQ(calls.loop.pending(), 0U);
  calls.loop.RunFor(1h);
  EXPECT_THAT(calls.results, IsEmpty());
  EXPECT_EQ(stream.ends(), 0);
}

TEST(HttpCalls, AStreamCancelledBeforeItBeganNeverBegins) {
  Calls calls;
  StreamRecorder stream;
  calls.transport->Cancel(calls.transport->Stream({.target = "/w", .channel = Channel::kWatch}, &stream));
  calls.loop.RunFor(1h);
  EXPECT_EQ(calls.wire->last, 0U);
  EXPECT_EQ(stream.ends(), 0);
}

TEST(HttpCalls, RefuseACompressedStream) {
  Calls calls;
  StreamRecorder stream;
  calls.transport->Stream({.target = "/w", .channel = Channel::kWatch}, &stream);
  calls.loop.Run();
  calls.wire->newest().OnHead({.status = 200, .content_encoding = "gzip"});
  calls.loop.Run();
  EXPECT_EQ(stream.end().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace seaworthy::api::testing
