// Look-ups in registries: the documents, the way through challenges and redirects, and how seldom they are asked.
#include "wiring/sources/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "api/testing/fake_transport.h"
#include "cache/decode.h"
#include "seaworthy/extension.h"

namespace seaworthy::wiring {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kConfig[] = R"({"created":"2026-01-02T03:04:05.123456789Z","architecture":"amd64","history":[
  {"created_by":"ADD rootfs"},{"created_by":"ENV A=1","empty_layer":true},{"created_by":"RUN /bin/sh -c apk add curl"}]})";
std::string Manifest(const std::string& config, const std::string& layers = R"([{"size":3000000},{"size":9000000}])") {
  return R"({"schemaVersion":2,"config":{"digest":")" + DigestOf(config) + R"(","size":7},"layers":)" + layers + "}";
}
std::string Index(const std::string& amd64, const std::string& arm64) {
  return R"({"schemaVersion":2,"manifests":[{"digest":")" + DigestOf("attestation") +
         R"(","platform":{"os":"unknown","architecture":"unknown"}},{"digest":")" + DigestOf(arm64) +
         R"(","platform":{"os":"linux","architecture":"arm64"}},{"digest":")" + DigestOf(amd64) +
         R"(","platform":{"os":"linux","architecture":"amd64"}}]})";
}

// ---------------------------------------------------------------- documents

TEST(RegistryProtocol, Challenges) {
  const auto bearer = ParseChallenge(
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull")");
  ASSERT_TRUE(bearer.has_value());
  EXPECT_TRUE(bearer->bearer);
  EXPECT_EQ(bearer->realm, "https://auth.docker.io/token");
  EXPECT_EQ(bearer->service, "registry.docker.io");
  const auto basic = ParseChallenge(R"(basic realm="Registry \"one\"", charset=UTF-8)");
  ASSERT_TRUE(basic.has_value());
  EXPECT_FALSE(basic->bearer);
  EXPECT_EQ(basic->realm, R"(Registry "one")");
  for (const char* text : {"", "Bearer", "Negotiate abc", "Bearer service=\"x\"", "Bearer realm"})
    EXPECT_FALSE(ParseChallenge(text).has_value()) << text;
}

TEST(RegistryProtocol, PlacesAreHttpsAndKeepTheirQuery) {
  const auto place = ParsePlace("https://store.example:8443/a%2Fb?X-Sig=a%2Bb&y=1");
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place->server.host, "store.example");
  EXPECT_EQ(place->server.port, 8443);
  EXPECT_EQ(place->target, "/a%2Fb?X-Sig=a%2Bb&y=1");
  EXPECT_EQ(ParsePlace("https://store.example?x=1")->target, "/?x=1");
  EXPECT_EQ(ParsePlace("https://store.example")->target, "/");
  for (const char* url : {"", "http://store.example/x", "https://user:pass@store.example/x",
                          "https://store.example/x\r\nY: 1", "https://store.example/#x", "ftp://x", "/x"}) {
    EXPECT_FALSE(ParsePlace(url).ok()) << url;
  }
}

TEST(RegistryProtocol, AnIndexLeadsToThePlatform) {
  const auto manifest = ParseManifest(Index("one", "two"), "arm64");
  ASSERT_TRUE(manifest.ok());
  EXPECT_EQ(manifest->next, DigestOf("two"));
  EXPECT_FALSE(ParseManifest(Index("one", "two"), "s390x").ok());
  EXPECT_FALSE(ParseManifest("{}", "amd64").ok());
  EXPECT_FALSE(ParseManifest("<html>", "amd64").ok());
  EXPECT_FALSE(ParseManifest(R"({"config":{"digest":"md5:x"}})", "amd64").ok());
}

TEST(RegistryProtocol, SizesBelongToTheStepsThatMadeLayers) {
  const auto config = ParseImageConfig(kConfig, {3'000'000, 9'000'000});
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->created, 1'767'323'045);
  ASSERT_EQ(config->history.size(), 3u);
  EXPECT_EQ(config->history[0].bytes, 3'000'000);
  EXPECT_EQ(config->history[1].bytes, -1);
  EXPECT_EQ(config->history[2].bytes, 9'000'000);
  EXPECT_EQ(ParseImageConfig(kConfig, {1})->history[2].bytes, 0) << "a squashed image's layers are no step's";
}

TEST(RegistryProtocol, CredentialsOfADockerConfig) {
  const char* config =
      R"({"auths":{"https://index.docker.io/v1/":{"auth":"aHVi"},"ghcr.io":{"username":"u","password":"p"},"r.example:5000/team":{"auth":"dGVhbQ=="},"bad.example":{"auth":"a b"}}})";
  EXPECT_EQ(BasicOf(config, "docker.io"), "Basic aHVi");
  EXPECT_EQ(BasicOf(config, "ghcr.io"), "Basic dTpw");
  EXPECT_EQ(BasicOf(config, "r.example:5000"), "Basic dGVhbQ==");
  EXPECT_EQ(BasicOf(config, "quay.io"), "");
  EXPECT_EQ(BasicOf(config, "bad.example"), "");
  EXPECT_EQ(BasicOf("no json", "ghcr.io"), "");
}

TEST(RegistryProtocol, Tokens) {
  EXPECT_EQ(ParseToken(R"({"token":"abc"})")->seconds, 60);
  EXPECT_EQ(ParseToken(R"({"access_token":"abc","expires_in":300})")->value, "abc");
  EXPECT_FALSE(ParseToken("{}").ok());
  EXPECT_FALSE(ParseToken("{\"token\":\"a\\r\\nX: 1\"}").ok());
}

// ---------------------------------------------------------------- look-ups

class Told : public WatchSink {
 public:
  void Accept(WatchEvent event) override {
    if (event.type != EventType::kApply && event.type != EventType::kDelete) return;
    std::string text = event.type == EventType::kDelete ? "gone " : "";
    text += event.object->meta.name.str();
    for (const Extension::Fact& fact : static_cast<const Extension&>(*event.object).facts)
      text += " " + fact.path.str() + "=" + fact.value.str();
    facts.push_back(text);
  }
  std::vector<std::string> Take() { return std::exchange(facts, {}); }
  std::vector<std::string> facts;
};

class RegistryTest : public ::testing::Test {
 protected:
  // A host of the world outside, which answers by target; 404 otherwise.
  struct Host {
    std::map<std::string, HttpResponse> answers;
    std::string wants_token;  // 401 with this challenge unless "Bearer good" comes
    std::unique_ptr<api::testing::FakeTransport> transport;
  };

  Host& At(const std::string& authority) {
    Host& host = hosts_[authority];
    if (host.transport != nullptr) return host;
    host.transport = std::make_unique<api::testing::FakeTransport>(&loop_);
    host.transport->responder = [&host](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
      if (!host.wants_token.empty() && request.authorization != "Bearer good") {
        HttpResponse refused{{.status = 401, .content_type = "application/json"}, ""};
        refused.head.challenge = host.wants_token;
        return Result<HttpResponse>(refused);
      }
      const auto found = host.answers.find(request.target);
      if (found == host.answers.end()) return Result<HttpResponse>(HttpResponse{{.status = 404}, ""});
      return Result<HttpResponse>(found->second);
    };
    return host;
  }
  static HttpResponse Ok(const std::string& body) {
    return {{.status = 200, .content_type = "application/octet-stream"}, body};
  }
  static HttpResponse Redirect(const std::string& to) {
    HttpResponse answer{{.status = 307}, ""};
    answer.head.location = to;
    return answer;
  }
  // Serves an image and returns its digest.
  std::string Serve(Host& host, const std::string& repository, const std::string& config = kConfig) {
    const std::string manifest = Manifest(config), index = Index(manifest, "other");
    host.answers["/v2/" + repository + "/manifests/" + DigestOf(index)] = Ok(index);
    host.answers["/v2/" + repository + "/manifests/" + DigestOf(manifest)] = Ok(manifest);
    host.answers["/v2/" + repository + "/blobs/" + DigestOf(config)] = Ok(config);
    return DigestOf(index);
  }
  void Start(RegistryOptions options = {}) {
    registry_ = std::make_unique<Registry>(
        std::move(options),
        [this](const api::ServerAddress& server) { return Result<Transport*>(At(server.Authority()).transport.get()); },
        [this] { return docker_config_; }, loop_, loop_, *decoder_, told_, [this](auto done) { done(running_); });
    registry_->Start();
  }

  api::testing::VirtualLoop loop_;
  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  Told told_;
  std::map<std::string, Host> hosts_;
  std::string docker_config_;
  std::vector<RunningImage> running_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(RegistryTest, FromTheDigestThatRunsToTheDateAndTheHistory) {
  const std::string digest = Serve(At("r.example:5000"), "team/web");
  running_ = {{digest, "r.example:5000/team/web:1.2", "amd64", false}};
  Start();
  loop_.RunFor(seconds(30));
  EXPECT_THAT(
      told_.Take(),
      ElementsAre(digest + " created=1767323045 leftovers[]=apk add curl: package indexes are kept (/var/cache/apk)"));
  loop_.RunFor(hours(48));
  EXPECT_EQ(At("r.example:5000").transport->requests.size(), 3u) << "a digest is asked for once";
  running_.clear();
  loop_.RunFor(minutes(2));
  EXPECT_THAT(told_.Take(), ElementsAre("gone " + digest));
}

TEST_F(RegistryTest, DockerHubsTokensAreFetchedAndHeld) {
  Host& hub = At("registry-1.docker.io:443");
  hub.wants_token =
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="something:else:push")";
  Host& auth = At("auth.docker.io:443");
  auth.answers["/token?service=registry.docker.io&scope=repository%3Alibrary%2Fnginx%3Apull"] =
      Ok(R"({"token":"good","expires_in":300})");
  const std::string digest = Serve(hub, "library/nginx");
  running_ = {{digest, "nginx:1.27", "", false}};
  Start();
  loop_.RunFor(seconds(30));
  EXPECT_THAT(told_.Take(), ElementsAre(HasSubstr("created=")));
  EXPECT_EQ(auth.transport->requests.size(), 1u);
  EXPECT_EQ(auth.transport->requests[0].authorization, "") << "nobody's credentials are known";
  EXPECT_EQ(hub.transport->requests.size(), 4u) << "one of them without the token";
}

TEST_F(RegistryTest, CredentialsGoToTheTokenServerOfTheirRegistry) {
  docker_config_ = R"({"auths":{"ghcr.io":{"auth":"dTpw"},"other.example":{"auth":"eDp5"}}})";
  Host& host = At("ghcr.io:443");
  host.wants_token = R"(Bearer realm="https://ghcr.io/token",service="ghcr.io")";
  const std::string digest = Serve(host, "team/web");
  running_ = {{digest, "ghcr.io/team/web:1", "amd64", false}};
  Start();
  loop_.RunFor(seconds(30));
  bool asked = false;
  for (const HttpRequest& request : host.transport->requests) {
    if (request.target.find("/token") != 0) continue;
    asked = true;
    EXPECT_EQ(request.authorization, "Basic dTpw");
  }
  EXPECT_TRUE(asked);
}

TEST_F(RegistryTest, AStoreElsewhereIsAskedWithoutCredentials) {
  Host& host = At("r.example:443");
  host.wants_token = R"(Bearer realm="https://r.example/token")";
  host.answers["/token?scope=repository%3Ateam%2Fweb%3Apull"] = Ok(R"({"token":"good"})");
  // The token server is the registry itself: it must answer without a token.
  auto responder = host.transport->responder;
  host.transport->responder = [responder, &host](const HttpRequest& request) {
    return request.target.starts_with("/token") ? std::optional(Result<HttpResponse>(host.answers[request.target]))
                                                : responder(request);
  };
  const std::string digest = Serve(host, "team/web");
  host.answers["/v2/team/web/blobs/" + DigestOf(kConfig)] = Redirect("https://store.example/blob?sig=1%2F2");
  At("store.example:443").answers["/blob?sig=1%2F2"] = Redirect("https://store2.example/blob");
  At("store2.example:443").answers["/blob"] = Ok(kConfig);
  running_ = {{digest, "r.example/team/web:1", "amd64", false}};
  Start();
  loop_.RunFor(seconds(30));
  EXPECT_THAT(told_.Take(), ElementsAre(HasSubstr("created=")));
  for (const char* store : {"store.example:443", "store2.example:443"}) {
    ASSERT_EQ(At(store).transport->requests.size(), 1u);
    EXPECT_EQ(At(store).transport->requests[0].authorization, "");
  }
}

TEST_F(RegistryTest, RedirectsToPlainHttpOrWithoutEndAreNotFollowed) {
  Host& host = At("r.example:443");
  const std::string digest = Serve(host, "a");
  host.answers["/v2/a/blobs/" + DigestOf(kConfig)] = Redirect("http://store.example/blob");
  running_ = {{digest, "r.example/a:1", "amd64", false}};
  Start();
  loop_.RunFor(seconds(30));
  EXPECT_THAT(told_.Take(), ElementsAre(AllOf(HasSubstr("problem="), HasSubstr("https"))));
  host.answers["/loop"] = Redirect("https://r.example/loop");
  host.answers["/v2/a/blobs/" + DigestOf(kConfig)] = Redirect("/loop");
  loop_.RunFor(hours(13));
  EXPECT_THAT(told_.Take(), ElementsAre(HasSubstr("place to place")));
}

TEST_F(RegistryTest, WhatDoesNotHaveItsDigestIsNotBelieved) {
  Host& host = At("r.example:443");
  const std::string digest = Serve(host, "a");
  host.answers["/v2/a/blobs/" + DigestOf(kConfig)] = Ok(R"({"created":"2020-01-01T00:00:00Z"})");
  running_ = {{digest, "r.example/a:1", "amd64", false}};
  Start();
  loop_.RunFor(seconds(30));
  EXPECT_THAT(told_.Take(), ElementsAre(AllOf(HasSubstr("problem="), Not(HasSubstr("created")))));
}

TEST_F(RegistryTest, RefusalsAreToldAndAskedAgainSeldom) {
  running_ = {{DigestOf("x"), "r.example/a:1", "amd64", false}};
  Start();
  loop_.RunFor(seconds(30));
  EXPECT_THAT(told_.Take(), ElementsAre(HasSubstr("problem=r.example: HTTP 404")));
  loop_.RunFor(hours(25));
  EXPECT_EQ(At("r.example:443").transport->requests.size(), 3u);
}

TEST_F(RegistryTest, ARegistryThatIsDownIsToldAfterTheThirdTime) {
  At("r.example:443").transport->responder = [](const HttpRequest&) {
    return std::optional(Result<HttpResponse>(Status(Code::kUnavailable, "r.example: no route")));
  };
  running_ = {{DigestOf("x"), "r.example/a:1", "amd64", false}};
  Start();
  loop_.RunFor(minutes(19));
  EXPECT_THAT(told_.Take(), IsEmpty());
  loop_.RunFor(minutes(10));
  EXPECT_THAT(told_.Take(), ElementsAre(HasSubstr("no route")));
}

TEST_F(RegistryTest, ARegistryThatIsBusyIsLeftAlone) {
  Host& host = At("r.example:443");
  HttpResponse busy{{.status = 429}, ""};
  busy.head.retry_after = minutes(2);
  auto answers = host.transport->responder;
  host.transport->responder = [busy](const HttpRequest&) { return std::optional(Result<HttpResponse>(busy)); };
  for (int i = 0; i < 10; ++i) running_.push_back({DigestOf(std::to_string(i)), "r.example/a:1", "amd64", false});
  Start();
  loop_.RunFor(minutes(1));
  EXPECT_LE(host.transport->requests.size(), 2u);
  loop_.RunFor(minutes(4));
  EXPECT_LE(host.transport->requests.size(), 5u);
  EXPECT_THAT(told_.Take(), IsEmpty());
}

TEST_F(RegistryTest, ManyImagesAreAskedForOneASecond) {
  Host& host = At("r.example:443");
  for (int i = 0; i < 60; ++i)
    running_.push_back(
        {Serve(host, "a" + std::to_string(i)), "r.example/a" + std::to_string(i) + ":1", "amd64", false});
  // The same image under sixty names: digests are equal, so it is one.
  for (int i = 0; i < 60; ++i) {
    const std::string config = R"({"created":"2026-01-02T03:04:05Z","n":)" + std::to_string(i) + "}";
    running_[static_cast<std::size_t>(i)].digest = Serve(host, "a" + std::to_string(i), config);
  }
  Start();
  loop_.RunFor(seconds(35));
  EXPECT_LE(told_.facts.size(), 31u);
  loop_.RunFor(seconds(60));
  EXPECT_EQ(told_.facts.size(), 60u);
}

TEST_F(RegistryTest, OnlyTheHostsThatAreNamedAreAsked) {
  running_ = {{DigestOf("x"), "evil.example/a:1", "amd64", false}};
  Start({.hosts = {"docker.io"}});
  loop_.RunFor(minutes(5));
  EXPECT_THAT(told_.Take(), ElementsAre(HasSubstr("problem=evil.example is not among --registry-hosts")));
  EXPECT_FALSE(hosts_.contains("evil.example:443"));
}

TEST_F(RegistryTest, WhatIsKnownFromAnEarlierRunIsNotAskedFor) {
  running_ = {{DigestOf("x"), "r.example/a:1", "amd64", true}};
  Start();
  loop_.RunFor(hours(48));
  EXPECT_TRUE(hosts_.empty());
  EXPECT_THAT(told_.Take(), IsEmpty());
}

TEST_F(RegistryTest, MayGoWhileAnAnswerIsUnderWay) {
  At("r.example:443").transport->responder = nullptr;
  running_ = {{DigestOf("x"), "r.example/a:1", "amd64", false}};
  Start();
  loop_.RunFor(seconds(10));
  registry_.reset();
  At("r.example:443").transport->Answer(Ok("x"));
  loop_.RunFor(minutes(5));
  EXPECT_THAT(told_.Take(), IsEmpty());
}

}  // namespace
}  // namespace seaworthy::wiring
