#include "api/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "api/testing/virtual_loop.h"

namespace seaworthy::api {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::VirtualLoop;

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("seaworthy-credentials-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& text) const {
    // As the kubelet does: a new file in the place of the old.
    const std::filesystem::path path = path_ / name;
    std::ofstream(path.string() + ".new") << text;
    std::filesystem::rename(path.string() + ".new", path);
    return path;
  }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(ServerUrl, ReadsHostPortAndBasePath) {
  const Result<ServerAddress> plain = ParseServerUrl("https://API.example.com");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->host, "api.example.com");
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->base_path, "");
  EXPECT_FALSE(plain->IsIpV4());
  EXPECT_EQ(plain->Authority(), "api.example.com:443");

  const Result<ServerAddress> gateway = ParseServerUrl("https://10.96.0.1:6443/k8s/clusters/c-1/");
  ASSERT_TRUE(gateway.ok());
  EXPECT_EQ(gateway->port, 6443);
  EXPECT_EQ(gateway->base_path, "/k8s/clusters/c-1");
  EXPECT_TRUE(gateway->IsIpV4());

  const Result<ServerAddress> six = ParseServerUrl("https://[fd00:10:96::1]:443");
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(six->host, "fd00:10:96::1");
  EXPECT_TRUE(six->IsIpV6());
  EXPECT_EQ(six->Authority(), "[fd00:10:96::1]:443");
}

TEST(ServerUrl, RefusesWhatItCannotHonour) {
  for (const char* url : {"", "http://api:8080", "api.example.com:6443", "https://", "https://:443",
                          "https://user:pw@api", "https://api:0", "https://api:65536", "https://api:6443x",
                          "https://api/?x=1", "https://api/#x", "https://api/../x", "https://api//x", "https://[::1",
                          "https://[1.2.3.4]", "https://a b", "https://api:6443/%2e%2e", "https://ap\r\ni"}) {
    EXPECT_EQ(ParseServerUrl(url).status().code(), Code::kInvalidArgument) << url;
  }
  EXPECT_THAT(ParseServerUrl("http://api").status().message(), HasSubstr("https"));
}

TEST(TokenFile, IsReadAgainOnceAMinuteAndOnRefresh) {
  const Folder folder;
  VirtualLoop clock;
  TokenFile file(folder.Write("token", "first\n"), &clock);
  EXPECT_EQ(file.Current().bearer, "first");
  folder.Write("token", "second");
  clock.RunFor(59s);
  EXPECT_EQ(file.Current().bearer, "first");
  clock.RunFor(1s);
  EXPECT_EQ(file.Current().bearer, "second");
  folder.Write("token", "third");
  EXPECT_TRUE(file.Refresh());
  EXPECT_EQ(file.Current().bearer, "third");
  EXPECT_FALSE(file.Refresh());
}

TEST(TokenFile, KeepsTheLastGoodTokenWhateverBecomesOfTheFile) {
  const Folder folder;
  VirtualLoop clock;
  const std::string path = folder.Write("token", "good");
  TokenFile file(path, &clock);
  EXPECT_EQ(file.Current().bearer, "good");
  for (const std::string& bad : {std::string(), std::string(" \n"), std::string(TokenFile::kMaxSize + 1, 'x'),
                                 std::string("two\nlines"), std::string("bell\a"), std::string("t\xc3\xb6ken")}) {
    folder.Write("token", bad);
    EXPECT_FALSE(file.Refresh());
    const Credential credential = file.Current();
    EXPECT_EQ(credential.bearer, "good");
    EXPECT_FALSE(credential.needs_refresh);
    EXPECT_FALSE(credential.problem.empty());
    EXPECT_THAT(credential.problem, ::testing::Not(HasSubstr("lines")));
  }
  std::filesystem::remove(path);
  EXPECT_FALSE(file.Refresh());
  EXPECT_EQ(file.Current().bearer, "good");
  std::filesystem::create_directory(path);
  EXPECT_FALSE(file.Refresh());
  EXPECT_EQ(file.Current().bearer, "good");
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(file.Refresh()) << "and does not block";
  std::filesystem::remove(path);
  folder.Write("token", "better");
  EXPECT_TRUE(file.Refresh());
  EXPECT_EQ(file.Current().bearer, "better");
  EXPECT_EQ(file.Current().problem, "");
}

TEST(InCluster, ReadsTheServiceAccountAndTheEnvironment) {
  const Folder folder;
  VirtualLoop clock;
  folder.Write("token", "pod-token");
  folder.Write("ca.crt", "PEM");
  Result<std::shared_ptr<CredentialSource>> source =
      MakeInClusterCredentials(&clock, {folder.path(), "10.96.0.1", "443"});
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->server().host, "10.96.0.1");
  EXPECT_EQ((*source)->Current().bearer, "pod-token");
  EXPECT_EQ((*source)->Tls()->ca, "PEM");
  folder.Write("ca.crt", "PEM2");
  EXPECT_EQ((*source)->Tls()->ca, "PEM2");

  Result<std::shared_ptr<CredentialSource>> six = MakeInClusterCredentials(&clock, {folder.path(), "fd00::1", "443"});
  ASSERT_TRUE(six.ok()) << six.status().message();
  EXPECT_TRUE((*six)->server().IsIpV6());
}

TEST(InCluster, SaysWhatIsMissing) {
  const Folder folder;
  VirtualLoop clock;
  folder.Write("ca.crt", "PEM");
  EXPECT_THAT(MakeInClusterCredentials(&clock, {folder.path(), "10.96.0.1", "443"}).status().message(),
              HasSubstr("automountServiceAccountToken"));
  folder.Write("token", "t");
  std::filesystem::remove(folder.path() + "/ca.crt");
  EXPECT_THAT(MakeInClusterCredentials(&clock, {folder.path(), "10.96.0.1", "443"}).status().message(),
              HasSubstr("ca.crt"));
  EXPECT_FALSE(MakeInClusterCredentials(&clock, {folder.path(), "10.96.0.1", "http"}).ok());
}

}  // namespace
}  // namespace seaworthy::api
