// The real transport under slow, broken and silent servers.
#include "api/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <random>
#include <set>

#include "api/testing/transport_rig.h"

namespace seaworthy::api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Connection = HttpsServer::Connection;

std::string Noise(std::size_t size) {
  std::mt19937_64 engine(7);
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>('a' + engine() % 26);
  return text;
}

// Sanitizers keep what is freed: there it says nothing, and 0 keeps the comparisons true.
std::size_t ResidentBytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#endif
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

// Answers a watch and goes on until the other side has closed.
bool Endless(Connection& connection, const SeenRequest&) {
  connection.StartChunked();
  connection.Chunk("{\"type\":\"BOOKMARK\"}\n");
  connection.WaitForClose();
  return false;
}

TEST(Transport, DeliversAStreamInOrderAndItsCleanEnd) {
  const TestCa ca;
  const std::string text = Noise(10 << 20);
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest&) {
    connection.StartChunked();
    for (std::size_t at = 0; at < text.size(); at += 50'000) connection.Chunk(text.substr(at, 50'000));
    return connection.EndChunked();
  });
  Rig rig(server.url(), ca.pem());
  StreamRecorder stream;
  rig.Stream({.target = "/watch"}, &stream);
  ASSERT_TRUE(stream.WaitForEnd());
  EXPECT_TRUE(stream.end().ok()) << stream.end().message();
  EXPECT_EQ(stream.head().status, 200);
  EXPECT_EQ(stream.head().content_type, "application/json");
  EXPECT_TRUE(stream.bytes() == text);
}

TEST(Transport, ReadsNoFurtherThanItsWindowAheadOfTheReader) {
  const TestCa ca;
  std::atomic<std::size_t> written = 0;
  std::atomic<bool> done = false;
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest&) {
    connection.StartChunked();
    const std::string block(64 * 1024, 'x');
    for (int i = 0; i < 20 * 16 && connection.Chunk(block); ++i) written = connection.written();
    done = true;
    return connection.EndChunked();
  });
  Rig rig(server.url(), ca.pem());
  StreamRecorder stream;
  rig.Stream({.target = "/watch"}, &stream);
  rig.loop.Hold();
  const std::size_t before = ResidentBytes();
  // The server can write what the two sockets' buffers and the window hold, then it stands still.
  std::size_t last = 1;
  while (last != written || last < (1 << 20)) {
    last = written;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  EXPECT_FALSE(done);
  EXPECT_LT(ResidentBytes(), before + (8 << 20));
  rig.loop.Release();
  ASSERT_TRUE(stream.WaitForEnd());
  EXPECT_EQ(stream.bytes().size(), std::size_t{20} << 20);
}

TEST(Transport, EndsAStreamWithAnErrorWhenTheConnectionBreaks) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest& request) {
    connection.StartChunked();
    connection.Chunk("{\"a\":1}\n{\"b\":");
    if (request.target == "/reset") connection.Reset();
    return false;
  });
  Rig rig(server.url(), ca.pem());
  for (const char* target : {"/close", "/reset"}) {
    StreamRecorder stream;
    rig.Stream({.target = target}, &stream);
    ASSERT_TRUE(stream.WaitForEnd());
    EXPECT_EQ(stream.end().code(), Code::kUnavailable) << target;
    EXPECT_EQ(stream.ends(), 1);
  }
}

TEST(Transport, DeliversTheBodyOfARefusedStream) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest&) {
    return connection.Answer(410, "Content-Type: application/json\r\n", "{\"kind\":\"Status\",\"code\":410}");
  });
  Rig rig(server.url(), ca.pem());
  StreamRecorder stream;
  rig.Stream({.target = "/watch"}, &stream);
  ASSERT_TRUE(stream.WaitForEnd());
  EXPECT_TRUE(stream.end().ok());
  EXPECT_EQ(stream.head().status, 410);
  EXPECT_EQ(stream.bytes(), "{\"kind\":\"Status\",\"code\":410}");
}

TEST(Transport, EndsASilentStreamAtItsIdleLimit) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Endless);
  Rig rig(server.url(), ca.pem());
  StreamRecorder stream;
  rig.Stream({.target = "/watch", .idle_limit = std::chrono::milliseconds(300)}, &stream);
  ASSERT_TRUE(stream.WaitForEnd());
  EXPECT_EQ(stream.end().code(), Code::kUnavailable);
  EXPECT_THAT(stream.end().message(), HasSubstr("no byte"));
  EXPECT_TRUE(Eventually([&] { return server.open() == 0; }));
}

TEST(Transport, KeepsAStreamThatSpeaksOftenerThanItsIdleLimit) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest&) {
    connection.StartChunked();
    for (int i = 0; i < 12; ++i) {
      connection.Chunk("{}\n");
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
    return connection.EndChunked();
  });
  Rig rig(server.url(), ca.pem());
  StreamRecorder stream;
  rig.Stream({.target = "/watch", .idle_limit = std::chrono::seconds(2)}, &stream);
  ASSERT_TRUE(stream.WaitForEnd());
  EXPECT_TRUE(stream.end().ok()) << stream.end().message();
}

TEST(Transport, EndsAUnaryCallAtItsDeadlineHoweverItIsDragged) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest& request) {
    if (request.target == "/silent") return connection.WaitForClose();
    // A byte now and then restarts the library's own timeout for ever.
    connection.StartChunked();
    while (!connection.stopping() && connection.Chunk("x")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return false;
  });
  Rig rig(server.url(), ca.pem());
  for (const char* target : {"/silent", "/dripping"}) {
    const Result<HttpResponse> response = rig.Call({.target = target, .deadline = std::chrono::milliseconds(500)});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.status().code(), Code::kUnavailable);
  }
  EXPECT_EQ(rig.counters->deadlines, 2U);
  EXPECT_TRUE(Eventually([&] { return server.open() == 0; }));
}

TEST(Transport, GivesUpOnAHandshakeThatDoesNotEnd) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Endless);
  server.StallHandshakes();
  TransportOptions options = ProductOptions();
  options.connect_limit = std::chrono::milliseconds(300);
  Rig rig(server.url(), ca.pem(), options);
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_FALSE(response.ok());
  EXPECT_THAT(response.status().message(), HasSubstr("no connection"));
  StreamRecorder stream;
  rig.Stream({.target = "/watch"}, &stream);
  ASSERT_TRUE(stream.WaitForEnd());
  EXPECT_FALSE(stream.end().ok());
  EXPECT_TRUE(Eventually([&] { return server.open() == 0; }));
}

TEST(Transport, ReportsARefusedConnection) {
  const TestCa ca;
  std::string url;
  {
    HttpsServer server(ca.Issue(kLoopbackNames), Endless);
    url = server.url();
  }
  Rig rig(url, ca.pem());
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.status().code(), Code::kUnavailable);
  EXPECT_EQ(rig.counters->retried_gets, 0U);
}

TEST(Transport, ReportsANameThatDoesNotResolve) {
  const TestCa ca;
  Rig rig("https://does-not-exist.invalid", ca.pem());
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.status().code(), Code::kUnavailable);
}

TEST(Transport, TriesABrokenGetThreeTimesMore) {
  const TestCa ca;
  std::atomic<int> calls = 0;
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest& request) {
    ++calls;
    if (request.target == "/third" && calls == 3) return connection.AnswerJson("{}");
    if (calls % 2 == 0) connection.Reset();
    return false;
  });
  EXPECT_TRUE(Rig(server.url(), ca.pem()).Get("/third").ok());
  calls = 0;
  // Without a connection to reuse: the library would add one try of its own.
  EXPECT_EQ(Rig(server.url(), ca.pem()).Get("/never").status().code(), Code::kUnavailable);
  EXPECT_EQ(calls, 4);
}

TEST(Transport, TriesAGetAgainWhenItsBodyIsCutOff) {
  const TestCa ca;
  std::atomic<int> calls = 0;
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest&) {
    if (++calls > 1) return connection.AnswerJson("{\"whole\":true}");
    connection.Write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"who");
    return false;
  });
  Rig rig(server.url(), ca.pem());
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "{\"whole\":true}");
}

TEST(Transport, NeverSendsAWriteTwice) {
  const TestCa ca;
  // As an idle connection ends in life: the first request is served, the second finds the connection closing.
  HttpsServer server(ca.Issue(kLoopbackNames),
                     [count = std::make_shared<std::atomic<int>>(0)](Connection& connection, const SeenRequest&) {
                       return ++*count % 2 == 1 && connection.AnswerJson("{}");
                     });
  Rig rig(server.url(), ca.pem());
  for (const Method method : {Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    for (const Channel channel : {Channel::kUnary, Channel::kLease, Channel::kReview}) {
      const std::size_t before = server.seen().size();
      const HttpRequest request{.method = method,
                                .target = "/x",
                                .body = "{\"a\":1}",
                                .content_type = "application/json",
                                .channel = channel};
      EXPECT_TRUE(rig.Call(request).ok());
      EXPECT_EQ(rig.Call(request).status().code(), Code::kUnavailable);
      ASSERT_EQ(server.seen().size(), before + 2);
      EXPECT_EQ(server.seen().back().body, "{\"a\":1}");
      EXPECT_EQ(server.seen().back().Header("content-type"), "application/json");
    }
  }
}

TEST(Transport, ReusesConnectionsForGets) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames),
                     [](Connection& connection, const SeenRequest&) { return connection.AnswerJson("{}"); });
  Rig rig(server.url(), ca.pem());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rig.Get("/version").ok());
  // One may find that the library has not put the connection back yet.
  EXPECT_LT(server.accepted(), 4);
}

TEST(Transport, GetsANewTokenOn401AndTriesOnceMore) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [](Connection& connection, const SeenRequest& request) {
    if (request.Header("authorization") == "Bearer fresh") {
      if (request.target != "/watch") return connection.AnswerJson("{}");
      connection.StartChunked();
      connection.Chunk("{}\n");
      return connection.EndChunked();
    }
    return connection.Answer(401, "Content-Type: application/json\r\n", "{\"kind\":\"Status\",\"code\":401}");
  });
  {
    Rig rig(server.url(), ca.pem());
    rig.credentials->Rotate("fresh");
    const Result<HttpResponse> response = rig.Get("/version");
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->head.status, 200);
    EXPECT_EQ(rig.credentials->refreshes(), 1);
  }
  {
    Rig rig(server.url(), ca.pem());
    rig.credentials->Rotate("fresh");
    StreamRecorder stream;
    rig.Stream({.target = "/watch"}, &stream);
    ASSERT_TRUE(stream.WaitForEnd());
    EXPECT_EQ(stream.head().status, 200);
    EXPECT_EQ(stream.bytes(), "{}\n");
  }
  {
    // Still refused: the answer is handed on, after one try more and no further.
    Rig rig(server.url(), ca.pem());
    rig.credentials->Rotate("no better");
    const Result<HttpResponse> response = rig.Get("/version");
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->head.status, 401);
    EXPECT_EQ(rig.credentials->refreshes(), 1);
    EXPECT_EQ(rig.counters->unauthorized, 2U);
    StreamRecorder stream;
    rig.Stream({.target = "/watch"}, &stream);
    ASSERT_TRUE(stream.WaitForEnd());
    EXPECT_EQ(stream.head().status, 401);
    EXPECT_EQ(stream.ends(), 1);
  }
  {
    // A write is not repeated, but the next one has the new token.
    Rig rig(server.url(), ca.pem());
    rig.credentials->Rotate("fresh");
    const HttpRequest write{.method = Method::kPost, .target = "/x", .body = "{}", .content_type = "application/json"};
    EXPECT_EQ(rig.Call(write)->head.status, 401);
    EXPECT_EQ(rig.Call(write)->head.status, 200);
  }
}

TEST(Transport, CallsBackOnItsExecutorOnly) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames),
                     [](Connection& connection, const SeenRequest&) { return connection.AnswerJson("{}"); });
  Rig rig(server.url(), ca.pem());
  const std::thread::id loop = rig.loop.Run([] { return std::this_thread::get_id(); });
  std::promise<std::thread::id> called;
  rig.transport->Unary({.target = "/version"},
                       [&](const Result<HttpResponse>&) { called.set_value(std::this_thread::get_id()); });
  EXPECT_EQ(called.get_future().get(), loop);
}

TEST(Transport, LeaseCallsDoNotQueueBehindOthers) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [](Connection& connection, const SeenRequest& request) {
    return request.target == "/lease" ? connection.AnswerJson("{}") : connection.WaitForClose() && false;
  });
  Rig rig(server.url(), ca.pem());
  std::atomic<int> ended = 0;
  for (int i = 0; i < 30; ++i) {
    rig.transport->Unary({.target = "/slow", .deadline = std::chrono::seconds(60)},
                         [&](const Result<HttpResponse>&) { ++ended; });
  }
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(rig.Call({.method = Method::kPut, .target = "/lease", .body = "{}", .channel = Channel::kLease}).ok());
  EXPECT_EQ(ended, 0);
  // "Kinds + 12" connections hold because calls wait for each other within their channel.
  EXPECT_LE(server.seen().size(), 4U + 5U);
}

}  // namespace
}  // namespace seaworthy::api::testing
