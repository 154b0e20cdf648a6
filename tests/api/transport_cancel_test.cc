// The end of streams that we want to end, and many of them at a time: nothing may hang, leak or call back.
#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "api/testing/transport_rig.h"

namespace seaworthy::api::testing {
namespace {

using Connection = HttpsServer::Connection;

// Answers a watch and goes on until the other side has closed.
bool Endless(Connection& connection, const SeenRequest&) {
  connection.StartChunked();
  connection.Chunk("{\"type\":\"BOOKMARK\"}\n");
  connection.WaitForClose();
  return false;
}

// Forty handshakes on a busy machine take as long as they take.
TransportOptions Patient(TransportOptions options = {}) {
  options.connect_limit = kPatience;
  return options;
}

TEST(TransportCancel, FortyStreamsDoNotStarveASmallPool) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [](Connection& connection, const SeenRequest& request) {
    return request.target == "/version" ? connection.AnswerJson("{}") : Endless(connection, request);
  });
  std::vector<StreamRecorder> streams(40);
  Rig rig(server.url(), ca.pem(), Patient(ProductOptions()));
  std::vector<Transport::StreamId> ids;
  for (StreamRecorder& stream : streams)
    ids.push_back(rig.Stream({.target = "/watch", .deadline = kPatience}, &stream));
  for (StreamRecorder& stream : streams) ASSERT_TRUE(stream.WaitForBytes(1));
  EXPECT_TRUE(rig.Get("/version").ok());
  EXPECT_EQ(rig.counters->open_exchanges, 40);
  for (const Transport::StreamId id : ids) rig.Cancel(id);
  EXPECT_TRUE(rig.Get("/version").ok());
}

TEST(TransportCancel, OneThreadIsEnoughForFortyStreams) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [](Connection& connection, const SeenRequest& request) {
    return request.target == "/version" ? connection.AnswerJson("{}") : Endless(connection, request);
  });
  std::vector<StreamRecorder> streams(40);
  Rig rig(server.url(), ca.pem(), Patient());
  for (StreamRecorder& stream : streams) rig.Stream({.target = "/watch", .deadline = kPatience}, &stream);
  for (StreamRecorder& stream : streams) ASSERT_TRUE(stream.WaitForBytes(1));
  EXPECT_TRUE(rig.Get("/version").ok());
}

TEST(TransportCancel, DestructionEndsEveryStreamAndCallWithoutAWord) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Endless);
  std::vector<StreamRecorder> streams(10);
  Rig rig(server.url(), ca.pem(), Patient(ProductOptions()));
  for (StreamRecorder& stream : streams) rig.Stream({.target = "/watch", .deadline = kPatience}, &stream);
  for (StreamRecorder& stream : streams) ASSERT_TRUE(stream.WaitForBytes(1));
  std::atomic<bool> called = false;
  rig.transport->Unary({.target = "/slow"}, [&](const Result<HttpResponse>&) { called = true; });
  ASSERT_TRUE(Eventually([&] { return server.open() == 11; }));
  rig.Destroy();
  EXPECT_TRUE(Eventually([&] { return server.open() == 0; }));
  rig.loop.Run([] {});
  EXPECT_FALSE(called);
  for (StreamRecorder& stream : streams) EXPECT_EQ(stream.ends(), 0);
}

TEST(TransportCancel, CancelEndsAStreamAtAnyPoint) {
  const TestCa ca;
  enum class At { kBeforeAnything, kHandshake, kBeforeFirstByte, kMidLine, kUnread };
  for (const At at : {At::kBeforeAnything, At::kHandshake, At::kBeforeFirstByte, At::kMidLine, At::kUnread}) {
    HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest&) {
      if (at == At::kBeforeFirstByte) return connection.WaitForClose() && false;
      connection.StartChunked();
      connection.Chunk("{\"type\":\"ADD");
      // More than the window, so that the library's write is waiting for us.
      for (int i = 0; at == At::kUnread && i < 400 && connection.Chunk(std::string(64 * 1024, 'x')); ++i) {
      }
      connection.WaitForClose();
      return false;
    });
    if (at == At::kHandshake) server.StallHandshakes();
    StreamRecorder stream;
    Rig rig(server.url(), ca.pem());
    const Transport::StreamId id = rig.Stream({.target = "/watch"}, &stream);
    if (at == At::kHandshake) {
      ASSERT_TRUE(Eventually([&] { return server.open() == 1; }));
    }
    if (at == At::kBeforeFirstByte) {
      ASSERT_TRUE(Eventually([&] { return server.seen().size() == 1; }));
    }
    if (at == At::kMidLine) {
      ASSERT_TRUE(stream.WaitForBytes(1));
    }
    if (at == At::kUnread) {
      rig.loop.Hold();
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      rig.transport->Unary({.target = "/"}, [](const Result<HttpResponse>&) {});
      rig.loop.Release();
    }
    rig.Cancel(id);
    rig.Cancel(id);
    const int calls = stream.calls();
    EXPECT_TRUE(Eventually([&] { return server.open() <= (at == At::kUnread ? 1 : 0); })) << static_cast<int>(at);
    rig.loop.Run([] {});
    EXPECT_EQ(stream.ends(), 0);
    EXPECT_EQ(stream.calls(), calls);
  }
}

// The library puts the connection of a request that is cancelled before it starts into its pool, unopened, and hands it
// to the next request as one to reuse, which fails.
TEST(TransportCancel, ACancelBeforeTheStartLeavesNoDeadConnectionBehind) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Endless);
  Rig rig(server.url(), ca.pem(), TransportOptions());
  for (int round = 0; round < 20; ++round) {
    std::vector<StreamRecorder> cancelled(20);
    for (StreamRecorder& stream : cancelled) rig.Cancel(rig.Stream({.target = "/watch"}, &stream));
    StreamRecorder stream;
    const Transport::StreamId id = rig.Stream({.target = "/watch"}, &stream);
    ASSERT_TRUE(stream.WaitForBytes(1) || stream.ends() > 0);
    ASSERT_EQ(stream.ends(), 0) << stream.end().message();
    rig.Cancel(id);
  }
}

// STACK.md noted one cancel in 8 runs that never ended, unexplained. Here 400 of them, at random times, over
// connections that are being opened, used and reused; the destructor and the server must see every one of them end.
TEST(TransportCancel, NoCancelIsEverLost) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [](Connection& connection, const SeenRequest&) {
    connection.StartChunked();
    for (int i = 0; i < 3 && connection.Chunk("{\"type\":\"ADDED\"}\n{\"ty"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    connection.WaitForClose();
    return false;
  });
  Rig rig(server.url(), ca.pem());
  std::mt19937_64 engine(20261124);
  constexpr int kRounds = 50, kAtOnce = 8;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<StreamRecorder> streams(kAtOnce);
    std::vector<Transport::StreamId> ids;
    for (StreamRecorder& stream : streams) ids.push_back(rig.Stream({.target = "/watch"}, &stream));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      std::this_thread::sleep_for(std::chrono::microseconds(engine() % 2000));
      rig.Cancel(ids[i]);
      EXPECT_EQ(streams[i].ends(), 0);
    }
  }
  EXPECT_TRUE(Eventually([&] { return server.open() == 0; }));
  const auto begin = std::chrono::steady_clock::now();
  rig.Destroy();
  // The destructor's own limit is 10 s; it must not be needed.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(9));
  EXPECT_EQ(rig.counters->open_exchanges, 0);
}

}  // namespace
}  // namespace seaworthy::api::testing
