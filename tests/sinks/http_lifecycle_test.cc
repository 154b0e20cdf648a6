#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "sinks/http/server.h"
#include "sinks/http_fixture.h"

namespace seaworthy::sinks::http {
namespace {

using ::testing::HasSubstr;

TEST_F(HttpServerTest, FinishesWhatItAnswersWhenItStops) {
  options_.limits.handler_timeout = 10s;
  options_.limits.header_timeout = 10s;
  Start();
  TestClient idle(port()), reading(port()), busy(port());
  EXPECT_EQ(idle.Get("/hello").status, 200);
  reading.Send("GET /he");
  busy.Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return server_->connections() == 3; }));
  std::this_thread::sleep_for(30ms);
  const auto begin = std::chrono::steady_clock::now();
  server_->Stop(5s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  const Answer answer = busy.Read();
  EXPECT_EQ(answer.body, "later");
  EXPECT_TRUE(answer.Has("Connection: close"));
  EXPECT_TRUE(idle.ClosedWithin(1s));
  EXPECT_TRUE(reading.ClosedWithin(1s));
  EXPECT_EQ(server_->connections(), 0U);
  server_->Stop();
}

TEST_F(HttpServerTest, StopsEvenIfAHandlerNeverAnswers) {
  options_.limits.handler_timeout = 60s;
  Start();
  TestClient client(port());
  client.Send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(50ms);
  const auto begin = std::chrono::steady_clock::now();
  server_->Stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  server_.reset();
  held_[0](Response::Text(200, "nobody is there"));
}

TEST_F(HttpServerTest, NamesTheAddressItCannotBind) {
  Start();
  ServerOptions second = options_;
  second.listeners[0].port = port();
  Server server(second);
  const Status status = server.Start();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("listen on 127.0.0.1:" + std::to_string(port()) + ": "));
  second.listeners[0].address = "localhost";
  EXPECT_EQ(Server(second).Start().code(), Code::kInvalidArgument);
}

class FakeAuthorizer : public Authorizer {
 public:
  void Authorize(const Request& request, Reply<Decision> done) override {
    ++asked;
    const std::string token = request.bearer_token;
    if (token == "throw") throw std::runtime_error("no reviewer");
    if (token == "drop") return;
    if (thread.joinable()) thread.join();
    thread = std::thread([token, done] {
      done(token == "good"       ? Decision::kAllow
           : token == "stranger" ? Decision::kForbidden
           : token == "down"     ? Decision::kUnavailable
                                 : Decision::kUnauthenticated);
    });
  }
  ~FakeAuthorizer() override {
    if (thread.joinable()) thread.join();
  }
  std::thread thread;
  std::atomic<int> asked = 0;
};

TEST_F(HttpServerTest, AsksTheAuthorizerFirst) {
  FakeAuthorizer authorizer;
  options_.listeners[0].authorizer = &authorizer;
  Start();
  TestClient client(port());
  const Answer without = client.Get("/hello");
  EXPECT_EQ(without.status, 401);
  EXPECT_TRUE(without.Has("WWW-Authenticate: Bearer\r\n"));
  EXPECT_EQ(client.Get("/hello", "Authorization: Basic Zm9vOmJhcg==\r\n").status, 401);
  EXPECT_EQ(client.Get("/hello", "Authorization: Bearer \r\n").status, 401);
  EXPECT_EQ(authorizer.asked, 0);
  EXPECT_EQ(client.Get("/hello", "Authorization: Bearer good\r\n").body, "hello\n");
  EXPECT_EQ(client.Get("/hello", "authorization: bearer  good\r\n").status, 200);
  EXPECT_EQ(client.Get("/hello", "Authorization: Bearer bad\r\n").status, 401);
  EXPECT_EQ(client.Get("/hello", "Authorization: Bearer stranger\r\n").status, 403);
  EXPECT_EQ(client.Get("/hello", "Authorization: Bearer down\r\n").status, 503);
  EXPECT_EQ(client.Get("/hello", "Authorization: Bearer drop\r\n").status, 503);
  EXPECT_EQ(client.Get("/hello", "Authorization: Bearer throw\r\n").status, 503);
  EXPECT_EQ(authorizer.asked, 7);
  server_.reset();
}

}  // namespace
}  // namespace seaworthy::sinks::http
