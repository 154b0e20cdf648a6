#include "sinks/http/server.h"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sinks/http/response_writer.h"
#include "sinks/http_fixture.h"

namespace seaworthy::sinks::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  Start();
  TestClient client(port());
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.Get("/hello");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello\n");
    EXPECT_TRUE(answer.Has("Content-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_TRUE(answer.Has("Connection: keep-alive\r\n"));
    EXPECT_TRUE(answer.Has("Date: "));
    EXPECT_TRUE(answer.Has("X-Content-Type-Options: nosniff\r\n"));
  }
  EXPECT_EQ(client.Get("/nothing").status, 404);
  EXPECT_EQ(client.Get("/echo?a=b&c", "X-Test: v w\r\n").body, "/echo?a=b&c|v w|127.0.0.1");
  EXPECT_EQ(server_->connections(), 1U);
  EXPECT_TRUE(client.Get("/hello", "Connection: close\r\n").Has("Connection: close\r\n"));
  EXPECT_TRUE(client.ClosedWithin(500ms));
}

TEST_F(HttpServerTest, SpeaksHttp10) {
  Start();
  TestClient client(port());
  client.Send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "hello\n");
  EXPECT_TRUE(client.ClosedWithin(500ms));
  TestClient kept(port());
  kept.Send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(kept.Read().Has("Connection: keep-alive"));
  EXPECT_EQ(kept.Get("/hello").status, 200);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  TestClient client(port());
  std::string many;
  for (int i = 0; i < 200; ++i) many += "GET /echo?" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.Send(many + "GET /later HTTP/1.1\r\nHost: x\r\n\r\nHEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hel");
  for (int i = 0; i < 200; ++i) ASSERT_THAT(client.Read().body, StartsWith("/echo?" + std::to_string(i) + "|"));
  EXPECT_EQ(client.Read().body, "later");
  const Answer head = client.Read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.Has("Content-Length: 6\r\n"));
  client.Send("lo HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.Read().body, "hello\n");
  EXPECT_EQ(client.received(), "");
}

TEST_F(HttpServerTest, TakesAHeaderByteByByte) {
  Start();
  TestClient client(port());
  for (const char c : std::string_view("GET /hello HTTP/1.1\r\nHost: x\r\nX-Y: z\r\n\r\n")) {
    client.Send(std::string_view(&c, 1));
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(client.Read().body, "hello\n");
}

TEST_F(HttpServerTest, ClosesHalfSentRequestsInTime) {
  Start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<TestClient>(port()));
    if (i % 2 == 0) clients.back()->Send("GET /hello HTTP/1.1\r\nHost: x\r\nX: ");
  }
  TestClient other(port());
  EXPECT_EQ(other.Get("/hello").status, 200);
  // One byte now and then must not move the deadline.
  const auto begin = std::chrono::steady_clock::now();
  bool dripped = true;
  while (dripped && std::chrono::steady_clock::now() - begin < 3s) {
    std::this_thread::sleep_for(20ms);
    clients[0]->Receive(0ms);
    dripped = clients[0]->Send("y") && !clients[0]->ClosedWithin(0ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms);
  for (const auto& client : clients) EXPECT_TRUE(client->ClosedWithin(2s));
}

TEST_F(HttpServerTest, ClosesIdleConnections) {
  Start();
  TestClient client(port());
  EXPECT_EQ(client.Get("/hello").status, 200);
  EXPECT_FALSE(client.ClosedWithin(400ms));
  EXPECT_TRUE(client.ClosedWithin(2s));
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTest, ClosesReadersThatDoNotRead) {
  big_pieces_.assign(1, std::make_shared<const std::string>(50'000'000, 'x'));
  Start();
  TestClient client(port());
  client.Send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 1; }));
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTest, KeepsToItsLimitOfConnections) {
  options_.limits.connections = 64;
  options_.limits.header_timeout = 5s;
  options_.limits.idle_timeout = 30s;
  ListenerOptions probes = options_.listeners[0];
  options_.listeners.push_back(probes);
  Start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(std::make_unique<TestClient>(port()));
  ASSERT_TRUE(Eventually([&] { return server_->connections() == 64; }));
  for (int i = 0; i < 10; ++i) {
    TestClient refused(port());
    EXPECT_TRUE(refused.ClosedWithin(2s));
  }
  EXPECT_EQ(server_->connections(), 64U);
  EXPECT_EQ(server_->refused(), 10U);
  // The other listener is not concerned.
  TestClient probe(server_->port(1));
  EXPECT_EQ(probe.Get("/hello").status, 200);
  // One that waits between requests gives way to a new one.
  EXPECT_EQ(clients[7]->Get("/hello").status, 200);
  TestClient fresh(port());
  EXPECT_EQ(fresh.Get("/hello").status, 200);
  EXPECT_TRUE(clients[7]->ClosedWithin(2s));
  EXPECT_EQ(server_->refused(), 10U);
}

TEST_F(HttpServerTest, RefusesBadRequests) {
  Start();
  const auto send = [&](std::string_view text) {
    TestClient client(port());
    client.Send(text);
    const Answer answer = client.Read();
    EXPECT_TRUE(answer.status == 405 || client.ClosedWithin(2s)) << text;
    return answer.status;
  };
  EXPECT_EQ(send("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(send("\x16\x03\x01\x02\x01\x01\xfc\x03\x03 client hello\r\n\r\n"), 400);
  EXPECT_EQ(send("GET /hello HTTP/2.0\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(send("GET /hello HTTP/1.1\r\nBad Header\r\n\r\n"), 400);
  EXPECT_EQ(send("GET /hello HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(send("GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"), 400);
  EXPECT_EQ(send("GET http://evil/hello HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(send("GET * HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(send("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"), 413);
  EXPECT_EQ(send("GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 413);
  EXPECT_EQ(send("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
  EXPECT_EQ(send("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"), 405);
  EXPECT_EQ(send("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
  EXPECT_EQ(send("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
  EXPECT_EQ(send("GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(send("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 431);
  TestClient client(port());
  EXPECT_EQ(client.Get("/hello", "X: " + std::string(15'000, 'x') + "\r\n").status, 200);
}

TEST_F(HttpServerTest, AnswersWhateverTheHandlerDoes) {
  Start();
  TestClient client(port());
  EXPECT_EQ(client.Get("/throw").status, 500);
  EXPECT_THAT(notes(), HasSubstr("a handler threw|boom"));
  EXPECT_EQ(client.Get("/drop").status, 500);
  EXPECT_EQ(client.Get("/twice").body, "first");
  EXPECT_EQ(client.Get("/later").body, "later");
  EXPECT_EQ(client.Get("/hold").status, 503);
  held_[0](Response::Text(200, "too late"));
  EXPECT_EQ(client.Get("/hello").body, "hello\n");
  const Answer answer = client.Get("/headers");
  EXPECT_TRUE(answer.Has("X-Good: yes\r\n"));
  EXPECT_FALSE(answer.Has("Injected"));
  EXPECT_FALSE(answer.Has("Bad Name"));
}

TEST_F(HttpServerTest, SendsLargeBodies) {
  std::string whole;
  for (int i = 0; i < 2000; ++i) {
    std::string piece;
    for (int j = 0; j < 10; ++j)
      piece += "seaworthy_workload_score{namespace=\"ns-" + std::to_string(i) + "\",workload=\"w-" +
               std::to_string(i * 7 + j) + "\"} 81\n";
    piece.resize(10'500, '#');
    big_pieces_.push_back(std::make_shared<const std::string>(piece));
    whole += piece;
  }
  big_pieces_.push_back(nullptr);
  big_pieces_.push_back(std::make_shared<const std::string>());
  ASSERT_GT(whole.size(), 20'000'000U);
  options_.limits.write_timeout = 30s * seaworthy::testing::kPatience;
  options_.limits.idle_timeout = 30s * seaworthy::testing::kPatience;  // comparing 20 MB takes its time, too
  Start();
  TestClient client(port());
  EXPECT_TRUE(client.Get("/big").body == whole);
  const Answer packed = client.Get("/big", "Accept-Encoding: deflate, gzip;q=0.8\r\n");
  EXPECT_TRUE(packed.Has("Content-Encoding: gzip\r\n"));
  EXPECT_TRUE(packed.Has("Transfer-Encoding: chunked\r\n"));
  EXPECT_LT(packed.body.size(), whole.size() / 5);
  const std::optional<std::string> unpacked = support::GzipDecompress(packed.body);
  EXPECT_TRUE(unpacked.has_value() && *unpacked == whole);
  EXPECT_EQ(client.Get("/hello").body, "hello\n");
  client.Send("HEAD /big HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_TRUE(client.Read(true).Has("Content-Length: " + std::to_string(whole.size())));
  EXPECT_EQ(client.Get("/hello").body, "hello\n");
  client.Send("GET /big HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_TRUE(client.Read().body == whole);
}

TEST_F(HttpServerTest, SendsBodiesThatAreMadeWhileTheyAreSent) {
  std::string whole = "begin\n";
  for (int i = 0; i < 5; ++i) {
    if (i != 2) whole += "piece " + std::to_string(i) + std::string(200'000, '.') + "\n";
  }
  Start();
  TestClient client(port());
  const Answer plain = client.Get("/made");
  EXPECT_TRUE(plain.Has("Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(plain.body == whole);
  const Answer packed = client.Get("/made", "Accept-Encoding: gzip\r\n");
  EXPECT_TRUE(packed.Has("Content-Encoding: gzip\r\n"));
  const std::optional<std::string> unpacked = support::GzipDecompress(packed.body);
  EXPECT_TRUE(unpacked.has_value() && *unpacked == whole);
  client.Send("HEAD /made HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.Read(true).status, 200);
  EXPECT_EQ(client.Get("/hello").body, "hello\n") << "the connection is kept";
  // HTTP/1.0 has no chunks: the end of the connection is the end of the body.
  client.Send("GET /made HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Answer old = client.Read();
  EXPECT_TRUE(old.Has("Connection: close\r\n"));
  EXPECT_TRUE(old.body == whole);
}

TEST_F(HttpServerTest, CompressesOnlyWhereItIsAskedForAndWorthIt) {
  Start();
  TestClient client(port());
  EXPECT_FALSE(client.Get("/hello", "Accept-Encoding: gzip\r\n").Has("Content-Encoding"));
  EXPECT_FALSE(client.Get("/packed").Has("Content-Encoding"));
  EXPECT_FALSE(client.Get("/packed", "Accept-Encoding: gzip;q=0, *\r\n").Has("Content-Encoding"));
  const Answer answer = client.Get("/packed", "Accept-Encoding: gzip\r\n");
  EXPECT_TRUE(answer.Has("Content-Encoding: gzip\r\n"));
  EXPECT_TRUE(answer.Has("Content-Length: "));
  EXPECT_EQ(support::GzipDecompress(answer.body), std::string(5000, 'p'));
}

TEST_F(HttpServerTest, SaysGoodbyeToClientsThatStillSend) {
  Start();
  TestClient client(port());
  client.Send("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  client.Send(std::string(100'000, 'x'));
  EXPECT_EQ(client.Read().status, 405);  // not lost to a reset
  EXPECT_TRUE(client.ClosedWithin(3s));
}

TEST_F(HttpServerTest, SurvivesClientsThatGoAtAnyPoint) {
  big_pieces_.assign(1, std::make_shared<const std::string>(5'000'000, 'x'));
  Start();
  const std::string request = "GET /big HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";
  for (std::size_t i = 0; i < 150; ++i) {
    TestClient client(port());
    client.Send(request.substr(0, i % (request.size() + 1)));
    if (i % 3 == 0) {
      const linger reset = {1, 0};
      setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
  }
  TestClient client(port());
  EXPECT_EQ(client.Get("/hello").status, 200);
  EXPECT_TRUE(Eventually([&] { return server_->connections() <= 1; }));
}

TEST(AcceptsGzip, ReadsTheHeader) {
  for (const char* yes :
       {"gzip", "GZIP", "x-gzip", "deflate, gzip", "gzip;q=0.1", "gzip; q=1", "*", "*;q=0.5", "br,\tgzip ;q=1.0"})
    EXPECT_TRUE(AcceptsGzip(yes)) << yes;
  for (const char* no : {"", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "br", "gzipped", "gzip;q=0, *", ",,"})
    EXPECT_FALSE(AcceptsGzip(no)) << no;
}

}  // namespace
}  // namespace seaworthy::sinks::http
