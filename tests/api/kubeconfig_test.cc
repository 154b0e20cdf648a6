#include "api/kubeconfig.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "api/exec_plugin.h"
#include "api/testing/real_loop.h"
#include "api/trust_store.h"

namespace seaworthy::api {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RealClock;

// A folder with kubeconfigs and plugins.
class Kubeconfig : public ::testing::Test {
 protected:
  Kubeconfig()
      : folder_(std::filesystem::temp_directory_path() / ("seaworthy-kubeconfig-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Write("ca.pem", "CA PEM");
  }
  ~Kubeconfig() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::string Script(const std::string& name, const std::string& text) {
    const std::string path = Write(name, "#!/bin/sh\n" + text);
    chmod(path.c_str(), 0700);
    return path;
  }
  // With one cluster, one context "c" and the given parts.
  std::string File(const std::string& user, const std::string& cluster = "certificate-authority: ca.pem") {
    return Write("config",
                 "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: k\n  cluster:\n    server: "
                 "https://127.0.0.1:6443\n    " +
                     cluster +
                     "\ncontexts:\n- name: c\n  context: {cluster: k, user: u}\nusers:\n- name: u\n  user:\n    " +
                     user + "\n");
  }
  Result<std::shared_ptr<CredentialSource>> Load(const std::string& file, const std::string& context = {}) {
    return MakeKubeconfigCredentials(&clock_, {.files = {file}, .context = context, .exec_limit = exec_limit_});
  }
  // Of a user with this exec block, after one Refresh.
  std::shared_ptr<CredentialSource> LoadExec(const std::string& command, const std::string& more = {}) {
    Result<std::shared_ptr<CredentialSource>> source =
        Load(File("exec: {apiVersion: client.authentication.k8s.io/v1, command: " + command +
                  ", interactiveMode: Never" + more + "}"));
    EXPECT_TRUE(source.ok()) << source.status().message();
    return source.ok() ? *source : nullptr;
  }
  static bool Refresh(CredentialSource& source) {
    std::promise<bool> changed;
    source.Refresh([&](bool value) { changed.set_value(value); });
    return changed.get_future().get();
  }

  std::filesystem::path folder_;
  RealClock clock_;
  Duration exec_limit_ = 30s;
};

constexpr char kPrintToken[] =
    R"(echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"exec-token"}}')";

TEST_F(Kubeconfig, ReadsServerTokenAndCaOfTheCurrentContext) {
  const Result<std::shared_ptr<CredentialSource>> source = Load(File("token: abc"));
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->server().host, "127.0.0.1");
  EXPECT_EQ((*source)->server().port, 6443);
  EXPECT_EQ((*source)->Current().bearer, "abc");
  EXPECT_FALSE((*source)->Current().needs_refresh);
  EXPECT_EQ((*source)->Tls()->ca, "CA PEM");
  EXPECT_THAT((*source)->Describe(), HasSubstr("context c"));
}

TEST_F(Kubeconfig, ReadsInlineDataBeforePaths) {
  const Result<std::shared_ptr<CredentialSource>> source =
      Load(File("{client-certificate-data: Q0VSVA==, client-certificate: nowhere, client-key-data: S0VZ}",
                "certificate-authority-data: UEVN\n    certificate-authority: nowhere\n    tls-server-name: "
                "kubernetes.default.svc"));
  ASSERT_TRUE(source.ok()) << source.status().message();
  const Result<TlsIdentity> tls = (*source)->Tls();
  ASSERT_TRUE(tls.ok());
  EXPECT_EQ(tls->ca, "PEM");
  EXPECT_EQ(tls->client_certificate, "CERT");
  EXPECT_EQ(tls->client_key, "KEY");
  EXPECT_EQ((*source)->server().tls_name, "kubernetes.default.svc");
  EXPECT_EQ((*source)->Current().bearer, "");
  EXPECT_FALSE((*source)->Current().needs_refresh);
}

TEST_F(Kubeconfig, ReadsCertificateFilesAnewAndRelativeToItself) {
  Write("client.pem", "one");
  Write("client.key", "key");
  const Result<std::shared_ptr<CredentialSource>> source =
      Load(File("{client-certificate: client.pem, client-key: client.key}"));
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->Tls()->client_certificate, "one");
  Write("client.pem", "two");
  EXPECT_EQ((*source)->Tls()->client_certificate, "two");
  std::filesystem::remove(folder_ / "client.pem");
  EXPECT_THAT((*source)->Tls().status().message(), HasSubstr("client.pem"));
}

TEST_F(Kubeconfig, ATokenFileIsReadAgainAndComesBeforeTheToken) {
  Write("token", "from-file");
  const Result<std::shared_ptr<CredentialSource>> source = Load(File("{tokenFile: token, token: inline}"));
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->Current().bearer, "from-file");
  Write("token", "rotated");
  EXPECT_TRUE(Refresh(**source));
  EXPECT_EQ((*source)->Current().bearer, "rotated");
  const Result<std::shared_ptr<CredentialSource>> missing = Load(File("{tokenFile: nowhere, token: inline}"));
  ASSERT_TRUE(missing.ok());
  EXPECT_EQ((*missing)->Current().bearer, "inline");
}

TEST_F(Kubeconfig, IsJsonToo) {
  const std::string file = Write(
      "config.json",
      R"({"current-context":"c","clusters":[{"name":"k","cluster":{"server":"https://h","certificate-authority-data":"UEVN"}}],
    "contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],"users":[{"name":"u","user":{"token":"t"}}]})");
  const Result<std::shared_ptr<CredentialSource>> source = Load(file);
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->Current().bearer, "t");
}

TEST_F(Kubeconfig, MergesTheFilesOfTheEnvironmentAndTheFirstWins) {
  const std::string first = Write("first",
                                  "current-context: b\ncontexts:\n- {name: a, context: {cluster: k, user: "
                                  "u}}\nusers:\n- {name: u, user: {token: one}}\n");
  std::filesystem::create_directories(folder_ / "sub");
  Write("sub/other-ca.pem", "SUB CA");
  const std::string second = Write("sub/second",
                                   "current-context: ignored\ncontexts:\n- {name: a, context: {cluster: no, user: "
                                   "no}}\n- {name: b, context: {cluster: k, user: u}}\n"
                                   "users:\n- {name: u, user: {token: two}}\nclusters:\n- {name: k, cluster: {server: "
                                   "'https://h', certificate-authority: other-ca.pem}}\n");
  setenv("KUBECONFIG", (":" + first + ":/does/not/exist:" + second).c_str(), 1);
  const Result<std::shared_ptr<CredentialSource>> source = MakeKubeconfigCredentials(&clock_);
  const Result<std::shared_ptr<CredentialSource>> named = MakeKubeconfigCredentials(&clock_, {.context = "a"});
  unsetenv("KUBECONFIG");
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->Current().bearer, "one");
  EXPECT_EQ((*source)->Tls()->ca, "SUB CA") << "relative to the file it stands in";
  ASSERT_TRUE(named.ok()) << named.status().message();
}

TEST_F(Kubeconfig, FallsBackToTheHomeFolder) {
  std::filesystem::create_directories(folder_ / ".kube");
  std::filesystem::rename(File("token: home", "certificate-authority: /dev/null"), folder_ / ".kube/config");
  const std::string home = getenv("HOME") == nullptr ? "" : getenv("HOME");
  unsetenv("KUBECONFIG");
  setenv("HOME", folder_.c_str(), 1);
  const Result<std::shared_ptr<CredentialSource>> source = FindCredentials(&clock_);
  std::filesystem::remove_all(folder_ / ".kube");
  const Result<std::shared_ptr<CredentialSource>> none = FindCredentials(&clock_);
  setenv("HOME", home.c_str(), 1);
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->Current().bearer, "home");
  EXPECT_THAT(none.status().message(), HasSubstr(".kube/config"));
}

TEST_F(Kubeconfig, RefusesByNameWhatItCannotHonour) {
  const std::vector<std::pair<std::string, std::string>> clusters = {
      {"insecure-skip-tls-verify: true", "insecure-skip-tls-verify"},
      {"proxy-url: http://proxy:3128\n    certificate-authority: ca.pem", "proxy-url"},
      {"x: y", "certificate-authority"},
      {"certificate-authority-data: '!!'", "certificate-authority-data"},
      {"certificate-authority: ca.pem\n    tls-server-name: \"a\\r\\nb\"", "tls-server-name"},
  };
  for (const auto& [cluster, word] : clusters) {
    EXPECT_THAT(Load(File("token: t", cluster)).status().message(), HasSubstr(word)) << cluster;
  }
  const std::vector<std::pair<std::string, std::string>> users = {
      {"as: admin", "impersonation"},
      {"{username: a, password: b}", "basic auth"},
      {"auth-provider: {name: gcp}", "auth-provider"},
      {"client-certificate: c", "client-key"},
      {"token: \"a\\nb\"", "token"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", "v1alpha1"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1}", "command"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}", "interactiveMode"},
  };
  for (const auto& [user, word] : users) EXPECT_THAT(Load(File(user)).status().message(), HasSubstr(word)) << user;
}

TEST_F(Kubeconfig, SaysWhatItDoesNotFind) {
  EXPECT_THAT(Load((folder_ / "nowhere").string()).status().message(), HasSubstr("nowhere"));
  EXPECT_THAT(Load(File("token: t"), "other").status().message(), HasSubstr("no context \"other\""));
  EXPECT_THAT(Load(Write("bad", "a: [")).status().message(), HasSubstr("bad"));
  EXPECT_THAT(Load(Write("empty", "kind: Config")).status().message(), HasSubstr("current-context"));
  EXPECT_THAT(
      Load(Write("half", "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]")).status().message(),
      HasSubstr("no cluster \"k\""));
}

TEST_F(Kubeconfig, AskAPluginForTheToken) {
  const auto source = LoadExec(Script("plugin", kPrintToken));
  EXPECT_TRUE(source->Current().needs_refresh);
  EXPECT_TRUE(Refresh(*source));
  EXPECT_EQ(source->Current().bearer, "exec-token");
  EXPECT_FALSE(source->Current().needs_refresh);
  EXPECT_FALSE(Refresh(*source)) << "the same token";
}

TEST_F(Kubeconfig, GivesThePluginItsArgumentsEnvironmentAndNothingElse) {
  setenv("SSL_CERT_FILE", "/my/roots.pem", 1);
  IsolateTrustStore();
  const int leaked = open("/dev/null", O_RDONLY);
  const auto source = LoadExec(Script("plugin",
                                      "[ \"$1\" = 'a b' ] && [ \"$2\" = '$HOME' ] && [ \"$EXTRA\" = more ] && [ "
                                      "\"$SSL_CERT_FILE\" = /my/roots.pem ] || exit 3\n"
                                      "[ -e /proc/self/fd/" +
                                          std::to_string(leaked) +
                                          " ] && exit 4\n"
                                          "read -r line && exit 5\n"
                                          "echo \"$KUBERNETES_EXEC_INFO\" > " +
                                          (folder_ / "info").string() + "\n" + kPrintToken),
                               ", args: ['a b', '$HOME'], env: [{name: EXTRA, value: more}], provideClusterInfo: true");
  EXPECT_TRUE(Refresh(*source)) << source->Current().problem;
  close(leaked);
  std::ifstream file(folder_ / "info");
  const std::string info((std::istreambuf_iterator<char>(file)), {});
  EXPECT_THAT(info, HasSubstr(R"("interactive":false)"));
  EXPECT_THAT(info, HasSubstr(R"("server":"https://127.0.0.1:6443")"));
  EXPECT_THAT(info, HasSubstr(R"("apiVersion":"client.authentication.k8s.io/v1")"));
}

TEST_F(Kubeconfig, AsksThePluginAgainWhenTheTokenExpires) {
  const auto source =
      LoadExec(Script("plugin", R"(echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
                                R"("status":{"token":"old","expirationTimestamp":"2020-01-01T00:00:00Z"}}')"));
  EXPECT_TRUE(Refresh(*source));
  EXPECT_TRUE(source->Current().needs_refresh);
  const auto fresh =
      LoadExec(Script("fresh", R"(echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
                               R"("status":{"token":"new","expirationTimestamp":"2999-01-01T00:00:00+02:00"}}')"));
  EXPECT_TRUE(Refresh(*fresh));
  EXPECT_FALSE(fresh->Current().needs_refresh);
}

TEST_F(Kubeconfig, TakesAClientCertificateFromThePlugin) {
  const auto source =
      LoadExec(Script("plugin", R"(echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
                                R"("status":{"clientCertificateData":"CERT","clientKeyData":"KEY"}}')"));
  EXPECT_TRUE(Refresh(*source));
  EXPECT_EQ(source->Tls()->client_certificate, "CERT");
  EXPECT_EQ(source->Tls()->client_key, "KEY");
  EXPECT_FALSE(source->Current().needs_refresh);
}

TEST_F(Kubeconfig, ReportsAPluginThatFailsAndDoesNotStartItInALoop) {
  const auto source = LoadExec(
      Script("plugin", "echo started >> " + (folder_ / "starts").string() + "\necho 'please log in' >&2\nexit 1"));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Refresh(*source));
  EXPECT_TRUE(source->Current().needs_refresh);
  EXPECT_THAT(source->Current().problem, HasSubstr("please log in"));
  std::ifstream starts(folder_ / "starts");
  EXPECT_EQ(std::string((std::istreambuf_iterator<char>(starts)), {}), "started\n");
}

TEST_F(Kubeconfig, ReportsAPluginThatIsNotInstalled) {
  const auto source = LoadExec("no-such-plugin-anywhere", ", installHint: 'get it from the vendor'");
  EXPECT_FALSE(Refresh(*source));
  EXPECT_THAT(source->Current().problem, HasSubstr("get it from the vendor"));
}

TEST_F(Kubeconfig, KillsAPluginThatTakesTooLongWithItsChildren) {
  exec_limit_ = 300ms;
  const auto source =
      LoadExec(Script("plugin", "sleep 1000 &\necho $! > " + (folder_ / "child").string() + "\nsleep 1000"));
  EXPECT_FALSE(Refresh(*source));
  EXPECT_THAT(source->Current().problem, HasSubstr("too long"));
  pid_t child = 0;
  std::ifstream(folder_ / "child") >> child;
  ASSERT_GT(child, 0);
  // A zombie until its new parent collects it.
  std::ifstream status("/proc/" + std::to_string(child) + "/stat");
  std::string text((std::istreambuf_iterator<char>(status)), {});
  for (int i = 0; i < 500 && !text.empty() && text.find(") Z ") == std::string::npos; ++i) {
    usleep(10'000);
    std::ifstream again("/proc/" + std::to_string(child) + "/stat");
    text.assign((std::istreambuf_iterator<char>(again)), {});
  }
  EXPECT_TRUE(text.empty() || text.find(") Z ") != std::string::npos) << text;
}

TEST_F(Kubeconfig, DestructionDoesNotWaitForAPlugin) {
  auto source = LoadExec(Script("plugin", "sleep 1000"));
  std::atomic<int> calls = 0;
  for (int i = 0; i < 3; ++i) source->Refresh([&](bool) { ++calls; });
  const auto begin = std::chrono::steady_clock::now();
  source.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  EXPECT_EQ(calls, 3) << "those who wait are told";
}

TEST_F(Kubeconfig, WhoIsToldMayAskAgain) {
  auto source = LoadExec(Script("plugin", kPrintToken));
  std::promise<void> second;
  source->Refresh([&](bool) { source->Refresh([&](bool) { second.set_value(); }); });
  EXPECT_EQ(second.get_future().wait_for(30s), std::future_status::ready);
}

TEST(ExecCredential, IsReadStrictly) {
  const std::string v1 = "client.authentication.k8s.io/v1";
  const auto wrap = [](const std::string& status, const std::string& version = "client.authentication.k8s.io/v1") {
    return R"({"kind":"ExecCredential","apiVersion":")" + version + R"(","status":)" + status + "}";
  };
  EXPECT_TRUE(ParseExecCredential(wrap(R"({"token":"t"})"), v1).ok());
  EXPECT_TRUE(ParseExecCredential(wrap(R"({"token":"t"})", v1 + "beta1"), v1 + "beta1").ok());
  for (const std::string& bad :
       {std::string(), std::string("token"), wrap("{}"), wrap(R"({"token":"t"})", v1 + "beta1"),
        wrap(R"({"token":"a\nb"})"), wrap(R"({"clientCertificateData":"c"})"),
        wrap(R"({"token":"t","expirationTimestamp":"tomorrow"})"), wrap(R"({"token":"t"})") + "x"}) {
    EXPECT_FALSE(ParseExecCredential(bad, v1).ok()) << bad;
  }
}

TEST(Rfc3339, ReadsEveryOffset) {
  EXPECT_EQ(ParseRfc3339("1994-11-06T08:49:37Z")->time_since_epoch(), 784111777s);
  EXPECT_EQ(ParseRfc3339("1994-11-06T10:19:37.123456+01:30")->time_since_epoch(), 784111777s);
  EXPECT_EQ(ParseRfc3339("1994-11-06T06:49:37-02:00")->time_since_epoch(), 784111777s);
  for (const char* bad :
       {"", "1994-11-06", "1994-11-06 08:49:37Z", "1994-13-06T08:49:37Z", "1994-11-06T08:49:37",
        "1994-11-06T08:49:37+1:00", "1994-11-06T08:49:37.Z5", "1994-11-06T08:49:37+01:0x", "-994-11-06T08:49:37Z"}) {
    EXPECT_FALSE(ParseRfc3339(bad).has_value()) << bad;
  }
}

TEST(Base64, IsDecodedStrictly) {
  EXPECT_EQ(*DecodeBase64(""), "");
  EXPECT_EQ(*DecodeBase64("Zg=="), "f");
  EXPECT_EQ(*DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(*DecodeBase64("Zm9v\nYmFy\r\n"), "foobar");
  EXPECT_EQ(*DecodeBase64("/+8="), "\xff\xef");
  for (const char* bad : {"Z", "Zg", "Zg=", "Z===", "Zg==Zg==x", "Zm 9v", "Zm9v=", "Zg=a", "_-8="})
    EXPECT_FALSE(DecodeBase64(bad).ok()) << bad;
}

}  // namespace
}  // namespace seaworthy::api
