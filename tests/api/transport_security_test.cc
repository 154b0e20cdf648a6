// What reaches whom: the real transport against servers that are not the API server, or pretend to be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "api/testing/transport_rig.h"
#include "api/trust_store.h"

namespace seaworthy::api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Connection = HttpsServer::Connection;

HttpsServer::Handler Json(std::string body = "{}") {
  return [body](Connection& connection, const SeenRequest&) { return connection.AnswerJson(body); };
}

TEST(TransportSecurity, SendsTheTokenToTheServerOfTheClusterCa) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Json());
  Rig rig(server.url(), ca.pem());
  const Result<HttpResponse> response = rig.Get("/api/v1/pods?limit=500");
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->head.status, 200);
  ASSERT_THAT(server.seen(), SizeIs(1));
  EXPECT_EQ(server.seen()[0].target, "/api/v1/pods?limit=500");
  EXPECT_EQ(server.seen()[0].Header("authorization"), "Bearer secret-token");
  EXPECT_EQ(server.seen()[0].Header("accept"), "application/json");
}

TEST(TransportSecurity, DoesNotFollowARedirectNorLetTheTokenFollowIt) {
  const TestCa ca;
  HttpsServer trap(ca.Issue(kLoopbackNames), Json());
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest& request) {
    return connection.Answer(request.method == "POST" ? 307 : 302, "Location: " + trap.url() + "/stolen\r\n", "");
  });
  Rig rig(server.url(), ca.pem());
  const Result<HttpResponse> get = rig.Get("/version");
  ASSERT_FALSE(get.ok());
  EXPECT_THAT(get.status().message(), HasSubstr("redirect"));
  EXPECT_FALSE(
      rig.Call({.method = Method::kPost, .target = "/x", .body = "{}", .content_type = "application/json"}).ok());
  StreamRecorder stream;
  rig.Stream({.target = "/watch"}, &stream);
  ASSERT_TRUE(stream.WaitForEnd());
  EXPECT_FALSE(stream.end().ok());
  EXPECT_EQ(trap.accepted(), 0);
  EXPECT_EQ(rig.counters->redirects, 3U);
}

// No request, and so no token, is sent to any of these.
void ExpectRefused(HttpsServer& server, const std::string& url, const std::string& ca, const std::string& reason) {
  Rig rig(url, ca);
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.status().code(), Code::kUnavailable);
  EXPECT_THAT(response.status().message(), HasSubstr(reason));
  EXPECT_THAT(server.seen(), IsEmpty());
}

TEST(TransportSecurity, RefusesAServerOfAnotherCa) {
  const TestCa ours("ours"), other("other");
  HttpsServer server(other.Issue(kLoopbackNames), Json());
  ExpectRefused(server, server.url(), ours.pem(), "issuer");
}

TEST(TransportSecurity, RefusesACertificateForAnotherAddress) {
  const TestCa ca;
  HttpsServer server(ca.Issue("IP:10.0.0.1,DNS:localhost"), Json());
  ExpectRefused(server, server.url(), ca.pem(), "IP address mismatch");
}

TEST(TransportSecurity, RefusesACertificateForAnotherName) {
  const TestCa ca;
  HttpsServer server(ca.Issue("IP:127.0.0.1,DNS:elsewhere"), Json());
  ExpectRefused(server, "https://localhost:" + std::to_string(server.port()), ca.pem(), "ostname mismatch");
}

TEST(TransportSecurity, RefusesANameThatOnlyTheCommonNameHas) {
  const TestCa ca;
  HttpsServer server(ca.Issue("", "serverAuth", 1, "localhost"), Json());
  ExpectRefused(server, "https://localhost:" + std::to_string(server.port()), ca.pem(), "ostname mismatch");
}

TEST(TransportSecurity, RefusesAnExpiredCertificate) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames, "serverAuth", -1), Json());
  ExpectRefused(server, server.url(), ca.pem(), "expired");
}

TEST(TransportSecurity, RefusesACertificateThatIsForClients) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames, "clientAuth"), Json());
  ExpectRefused(server, server.url(), ca.pem(), "purpose");
}

TEST(TransportSecurity, RefusesOldTls) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Json());
  SSL_CTX_set_security_level(server.context(), 0);
  SSL_CTX_set_min_proto_version(server.context(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(server.context(), TLS1_1_VERSION);
  ExpectRefused(server, server.url(), ca.pem(), "TLS");
}

TEST(TransportSecurity, DoesNotTrustTheSystemsAuthorities) {
  const TestCa ours("ours"), system("system root");
  const std::string path = ::testing::TempDir() + "system-roots.pem";
  std::ofstream(path) << system.pem();
  setenv("SSL_CERT_FILE", path.c_str(), 1);
  HttpsServer server(system.Issue(kLoopbackNames), Json());
  ExpectRefused(server, server.url(), ours.pem(), "issuer");
}

TEST(TransportSecurity, IsolatesTheProcessButNotItsChildrenFromTheSystemsAuthorities) {
  setenv("SSL_CERT_FILE", "/my/roots.pem", 1);
  unsetenv("SSL_CERT_DIR");
  unsetenv("SEAWORTHY_ORIGINAL_SSL_CERT_DIR");
  IsolateTrustStore();
  IsolateTrustStore();
  EXPECT_STRNE(getenv("SSL_CERT_FILE"), "/my/roots.pem");
  EXPECT_NE(getenv("SSL_CERT_DIR"), nullptr);
  const std::vector<std::string> environment = OriginalEnvironment();
  EXPECT_THAT(environment, ::testing::Contains("SSL_CERT_FILE=/my/roots.pem"));
  EXPECT_THAT(environment, Not(::testing::Contains(::testing::StartsWith("SSL_CERT_DIR="))));

  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Json());
  Rig rig(server.url(), ca.pem());
  EXPECT_TRUE(rig.Get("/version").ok());
}

TEST(TransportSecurity, SaysWhichFileIsMissingWhenTheCaCannotBeRead) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Json());
  Rig rig(server.url(), "not a certificate");
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_FALSE(response.ok());
  EXPECT_THAT(response.status().message(), HasSubstr("no certificate in PEM"));
}

TEST(TransportSecurity, ReadsTheCaAnewForEachConnection) {
  const TestCa before("before"), after("after");
  HttpsServer server(after.Issue(kLoopbackNames), Json());
  Rig rig(server.url(), before.pem());
  EXPECT_FALSE(rig.Get("/version").ok());
  rig.credentials->SetTls({after.pem(), {}, {}});
  EXPECT_TRUE(rig.Get("/version").ok());
}

TEST(TransportSecurity, PresentsTheClientCertificate) {
  const TestCa ca;
  const Pem client = ca.Issue("", "clientAuth");
  std::string peer;
  HttpsServer server(
      ca.Issue(kLoopbackNames),
      [&](Connection& connection, const SeenRequest&) {
        peer = connection.PeerName();
        return connection.AnswerJson("{}");
      },
      ca.pem());
  Rig rig(server.url(), ca.pem());
  EXPECT_FALSE(rig.Get("/version").ok());
  rig.credentials->SetTls({ca.pem(), client.certificate, client.key});
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_THAT(peer, HasSubstr("test-leaf"));
}

TEST(TransportSecurity, ReachesAnIpv6Address) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Json(), {}, true);
  Rig rig("https://[::1]:" + std::to_string(server.port()), ca.pem());
  const Result<HttpResponse> response = rig.Get("/version");
  ASSERT_TRUE(response.ok()) << response.status().message();
  // And verifies it.
  HttpsServer other(ca.Issue("IP:fd00::1"), Json(), {}, true);
  ExpectRefused(other, "https://[::1]:" + std::to_string(other.port()), ca.pem(), "IP address mismatch");
}

TEST(TransportSecurity, VerifiesTlsServerNameInsteadOfTheHost) {
  const TestCa ca;
  HttpsServer server(ca.Issue("DNS:kubernetes.default.svc"), Json());
  Rig rig(server.url(), ca.pem(), ProductOptions(), "kubernetes.default.svc");
  const Result<HttpResponse> response = rig.Get("/version");
  EXPECT_TRUE(response.ok()) << response.status().message();
  Rig wrong(server.url(), ca.pem(), ProductOptions(), "elsewhere");
  EXPECT_FALSE(wrong.Get("/version").ok());
}

TEST(TransportSecurity, PutsTheGatewaysPathBeforeTheTarget) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), Json());
  Rig rig(server.url() + "/k8s/clusters/c-1/", ca.pem());
  ASSERT_TRUE(rig.Get("/api/v1/namespaces/a%2Fb/pods?continue=x%2By%3D").ok());
  EXPECT_EQ(server.seen()[0].target, "/k8s/clusters/c-1/api/v1/namespaces/a%2Fb/pods?continue=x%2By%3D");
}

}  // namespace
}  // namespace seaworthy::api::testing
