// Servers that are not the cluster's: names that are looked up here, plain http, and what goes to whom.
#include "api/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "api/testing/transport_rig.h"

namespace seaworthy::api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Connection = HttpsServer::Connection;

HttpsServer::Handler Json(std::string body = "{}") {
  return [body](Connection& connection, const SeenRequest&) { return connection.AnswerJson(body); };
}

// One answer for each connection, in clear; remembers what it was asked.
class PlainServer {
 public:
  PlainServer() {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(socket_, 8);
    thread_ = std::thread([this] { Run(); });
  }
  ~PlainServer() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  std::uint16_t port() const { return port_; }
  std::string seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  void Run() {
    while (true) {
      const int connection = accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      std::string head;
      char buffer[4096];
      while (head.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        head.append(buffer, static_cast<std::size_t>(got));
      }
      {
        const std::lock_guard lock(mutex_);
        seen_ += head;
      }
      constexpr std::string_view kAnswer =
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
      send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
      close(connection);
    }
  }

  int socket_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::string seen_;
  std::thread thread_;
};

class EndpointTest : public ::testing::Test {
 protected:
  EndpointTest() : folder_(::testing::TempDir() + "endpoint_" + std::to_string(getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~EndpointTest() override {
    loop_.Run([this] { transport_.reset(); });
    std::filesystem::remove_all(folder_);
  }
  std::string File(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  Status Make(const std::string& url, const std::string& ca_file, const std::string& token_file = {},
              TransportOptions transport = ProductOptions()) {
    Result<ServerAddress> server = ParseEndpointUrl(url);
    if (!server.ok()) return server.status();
    Result<std::unique_ptr<Transport>> made = MakeEndpoint(
        {.server = *server, .ca_file = ca_file, .system_ca = false, .token_file = token_file}, std::move(transport),
        &loop_, &clock_, [this](const std::string& name, auto done) {
          ++lookups_;
          names_ = name;
          done(addresses_.empty() ? Result<std::vector<std::string>>(Status(Code::kUnavailable, "no such name"))
                                  : addresses_);
        });
    if (!made.ok()) return made.status();
    transport_ = *std::move(made);
    return Status::Ok();
  }
  Result<HttpResponse> Get(HttpRequest request) {
    auto answer = std::make_shared<std::promise<Result<HttpResponse>>>();
    auto future = answer->get_future();
    transport_->Unary(std::move(request),
                      [answer](Result<HttpResponse> result) { answer->set_value(std::move(result)); });
    if (future.wait_for(kPatience) != std::future_status::ready) return Status(Code::kInternal, "the call never ended");
    return future.get();
  }

  const std::string folder_;
  RealClock clock_;
  RealLoop loop_;
  std::vector<std::string> addresses_ = {"127.0.0.1"};
  std::atomic<int> lookups_ = 0;
  std::string names_;
  std::unique_ptr<Transport> transport_;
};

TEST(EndpointUrl, SaysWhetherItIsPlain) {
  const auto plain = ParseEndpointUrl("http://prometheus.monitoring.svc:9090/prom/");
  ASSERT_TRUE(plain.ok());
  EXPECT_TRUE(plain->plain);
  EXPECT_EQ(plain->host, "prometheus.monitoring.svc");
  EXPECT_EQ(plain->port, 9090);
  EXPECT_EQ(plain->base_path, "/prom");
  EXPECT_EQ(ParseEndpointUrl("http://prometheus")->port, 80);
  EXPECT_EQ(ParseEndpointUrl("http://[::1]")->port, 80);
  EXPECT_EQ(ParseEndpointUrl("http://[::1]:9090")->port, 9090);
  EXPECT_FALSE(ParseEndpointUrl("https://prometheus")->plain);
  EXPECT_EQ(ParseEndpointUrl("https://prometheus")->port, 443);
  for (const char* url : {"", "prometheus:9090", "ftp://x", "http://", "http://u:p@x", "http://x/?a=b"})
    EXPECT_FALSE(ParseEndpointUrl(url).ok()) << url;
}

TEST_F(EndpointTest, ANameIsLookedUpAndVerifiedAsTheCertificateSays) {
  const TestCa ca;
  HttpsServer server(ca.Issue("DNS:prometheus.example"), Json(R"({"a":1})"));
  ASSERT_TRUE(Make("https://prometheus.example:" + std::to_string(server.port()), File("ca.crt", ca.pem()),
                   File("token", "t0ken"))
                  .ok());
  for (int i = 0; i < 3; ++i) {
    const Result<HttpResponse> answer = Get({.target = "/api/v1/query?query=up"});
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(answer->body, R"({"a":1})");
  }
  EXPECT_EQ(names_, "prometheus.example");
  EXPECT_EQ(lookups_, 1) << "it is held for a minute";
  EXPECT_EQ(server.seen()[0].Header("authorization"), "Bearer t0ken");
  EXPECT_EQ(server.seen()[0].Header("host"), "prometheus.example");
}

TEST_F(EndpointTest, ACertificateOfAnotherNameIsRefused) {
  const TestCa ca;
  HttpsServer server(ca.Issue("DNS:other.example,IP:127.0.0.1"), Json());
  ASSERT_TRUE(Make("https://prometheus.example:" + std::to_string(server.port()), File("ca.crt", ca.pem())).ok());
  EXPECT_FALSE(Get({.target = "/"}).ok());
  EXPECT_THAT(server.seen(), SizeIs(0));
}

TEST_F(EndpointTest, ANameWithoutAddressIsUnavailableAndLookedUpAnew) {
  addresses_.clear();
  ASSERT_TRUE(Make("https://prometheus.example", "/nonexistent").ok());
  for (int i = 0; i < 2; ++i) {
    const Result<HttpResponse> answer = Get({.target = "/"});
    EXPECT_EQ(answer.status().code(), Code::kUnavailable);
    EXPECT_THAT(answer.status().message(), HasSubstr("no such name"));
  }
  EXPECT_EQ(lookups_, 2);
}

TEST_F(EndpointTest, TheNextAddressIsTriedAfterAFailure) {
  const TestCa ca;
  HttpsServer server(ca.Issue("DNS:prometheus.example"), Json());
  // Nobody listens on the first.
  addresses_ = {"127.0.0.9", "127.0.0.1"};
  ASSERT_TRUE(Make("https://prometheus.example:" + std::to_string(server.port()), File("ca.crt", ca.pem())).ok());
  EXPECT_FALSE(Get({.target = "/"}).ok());
  const Result<HttpResponse> second = Get({.target = "/"});
  EXPECT_TRUE(second.ok()) << second.status().message();
}

TEST_F(EndpointTest, PlainHttpCarriesNoCredential) {
  PlainServer server;
  const std::string url = "http://prometheus.example:" + std::to_string(server.port());
  EXPECT_EQ(Make(url, {}, File("token", "t0ken")).code(), Code::kInvalidArgument);
  ASSERT_TRUE(Make(url, {}).ok());
  const Result<HttpResponse> answer = Get({.target = "/api/v1/query"});
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_THAT(server.seen(), HasSubstr("Host:prometheus.example:" + std::to_string(server.port())));
  const Result<HttpResponse> refused = Get({.target = "/secret", .authorization = "Basic dTpw"});
  EXPECT_EQ(refused.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(server.seen(), ::testing::Not(HasSubstr("uthorization")));
  EXPECT_THAT(server.seen(), ::testing::Not(HasSubstr("/secret")));
}

TEST_F(EndpointTest, AnAddressIsNotLookedUp) {
  PlainServer server;
  ASSERT_TRUE(Make("http://127.0.0.1:" + std::to_string(server.port()), {}).ok());
  EXPECT_TRUE(Get({.target = "/"}).ok());
  EXPECT_EQ(lookups_, 0);
}

TEST_F(EndpointTest, RedirectsAndChallengesAreHandedOverWhereAskedFor) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [](Connection& connection, const SeenRequest& request) {
    if (request.target == "/moved")
      return connection.Answer(307, "Location: https://store.example/x?sig=1%2F2\r\n", "");
    return connection.Answer(401, "WWW-Authenticate: Bearer realm=\"https://auth.example/token\"\r\n", "");
  });
  TransportOptions options = ProductOptions();
  options.hand_over_redirects = true;
  ASSERT_TRUE(Make(server.url(), File("ca.crt", ca.pem()), {}, std::move(options)).ok());
  const Result<HttpResponse> moved = Get({.target = "/moved", .authorization = "Bearer mine"});
  ASSERT_TRUE(moved.ok()) << moved.status().message();
  EXPECT_EQ(moved->head.status, 307);
  EXPECT_EQ(moved->head.location, "https://store.example/x?sig=1%2F2");
  const Result<HttpResponse> challenged = Get({.target = "/v2/"});
  ASSERT_TRUE(challenged.ok());
  EXPECT_EQ(challenged->head.status, 401);
  EXPECT_EQ(challenged->head.challenge, "Bearer realm=\"https://auth.example/token\"");
  EXPECT_EQ(server.seen()[0].Header("authorization"), "Bearer mine");
}

TEST_F(EndpointTest, MayGoBeforeALookUpEnds) {
  std::function<void(Result<std::vector<std::string>>)> late;
  auto made = MakeEndpoint({.server = *ParseEndpointUrl("http://slow.example")}, ProductOptions(), &loop_, &clock_,
                           [&](const std::string&, auto done) { late = std::move(done); });
  ASSERT_TRUE(made.ok());
  transport_ = *std::move(made);
  transport_->Unary({.target = "/"},
                    [](const Result<HttpResponse>&) { ADD_FAILURE() << "nobody waits for it any more"; });
  loop_.Run([] {});
  loop_.Run([this] { transport_.reset(); });
  late(std::vector<std::string>{"127.0.0.1"});
  loop_.Run([] {});
}

TEST(ResolveName, FindsLocalhost) {
  std::promise<Result<std::vector<std::string>>> found;
  ResolveName("localhost", [&](Result<std::vector<std::string>> addresses) { found.set_value(std::move(addresses)); });
  const Result<std::vector<std::string>> addresses = found.get_future().get();
  ASSERT_TRUE(addresses.ok()) << addresses.status().message();
  EXPECT_THAT(*addresses, ::testing::Contains(::testing::AnyOf("127.0.0.1", "::1")));
}

}  // namespace
}  // namespace seaworthy::api::testing
