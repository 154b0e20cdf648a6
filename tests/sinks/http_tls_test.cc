#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "sinks/http/server.h"
#include "sinks/http_client.h"

namespace seaworthy::sinks::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpTlsTest : public ::testing::Test {
 protected:
  HttpTlsTest() {
    folder_ = std::filesystem::temp_directory_path() / ("seaworthy-tls-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    options_.limits.header_timeout = 500ms;
    options_.note = [this](std::string_view message, std::string_view detail) {
      const std::lock_guard lock(mutex_);
      notes_ += std::string(message) + "|" + std::string(detail) + "\n";
    };
    ListenerOptions listener;
    listener.address = "127.0.0.1";
    listener.tls.emplace();
    listener.tls->check_every = 0ms;
    listener.handler = [](const Request&, Responder respond) {
      respond(Response::Text(200, std::string(300'000, 'x')));
    };
    options_.listeners.push_back(std::move(listener));
  }
  ~HttpTlsTest() override { std::filesystem::remove_all(folder_); }

  void UseFiles() {
    options_.listeners[0].tls->certificate_file = folder_ / "tls.crt";
    options_.listeners[0].tls->key_file = folder_ / "tls.key";
  }
  void Start() {
    server_ = std::make_unique<Server>(options_);
    const Status status = server_->Start();
    ASSERT_TRUE(status.ok()) << status.message();
  }
  // Writes a pair as a Secret volume is updated: new files moved over the old ones.
  void WritePair(const std::string& name, bool only_certificate = false) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_sign(certificate, key, EVP_sha256());
    const std::string crt = folder_ / "new.crt", pem = folder_ / "new.key";
    FILE* file = std::fopen(crt.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    std::filesystem::rename(crt, folder_ / "tls.crt");
    if (!only_certificate) {
      file = std::fopen(pem.c_str(), "w");
      PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
      std::fclose(file);
      std::filesystem::rename(pem, folder_ / "tls.key");
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  std::string Subject() {
    TestClient client(server_->port(0), true);
    return client.connected() ? client.Subject() : "no connection";
  }
  std::string notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  std::filesystem::path folder_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::string notes_;
};

TEST_F(HttpTlsTest, ServesASelfSignedCertificateWithoutFiles) {
  Start();
  EXPECT_THAT(notes(), HasSubstr("serving a self-signed certificate|SHA256 "));
  TestClient client(server_->port(0), true);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.Subject(), "/CN=seaworthy self-signed");
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &protocol, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(protocol), size), "http/1.1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Get("/").body.size(), 300'000U);
  EXPECT_TRUE(client.Get("/", "Accept-Encoding: gzip\r\n").Has("Content-Encoding: gzip"));
  EXPECT_EQ(client.Get("/", "Connection: close\r\n").status, 200);
  EXPECT_TRUE(client.ClosedWithin(3s));
}

TEST_F(HttpTlsTest, ReadsTheFilesAgainWhenTheyChange) {
  UseFiles();
  WritePair("first");
  Start();
  EXPECT_EQ(Subject(), "/CN=first");
  TestClient old(server_->port(0), true);
  WritePair("second");
  EXPECT_EQ(Subject(), "/CN=second");
  EXPECT_EQ(old.Get("/").status, 200);  // connections outlive their certificate
  EXPECT_THAT(notes(), HasSubstr("certificate loaded"));
}

TEST_F(HttpTlsTest, KeepsTheLastGoodPair) {
  UseFiles();
  WritePair("good");
  Start();
  WritePair("mismatch", true);
  EXPECT_EQ(Subject(), "/CN=good");
  EXPECT_THAT(notes(), HasSubstr("certificate not usable|"));
  std::filesystem::remove(folder_ / "tls.crt");
  EXPECT_EQ(Subject(), "/CN=good");
  EXPECT_THAT(notes(), HasSubstr("certificate files are gone"));
  const std::size_t said = notes().size();
  EXPECT_EQ(Subject(), "/CN=good");
  EXPECT_EQ(notes().size(), said);  // once
  WritePair("healed");
  EXPECT_EQ(Subject(), "/CN=healed");
}

TEST_F(HttpTlsTest, StartsWithoutItsFilesAndTakesThemWhenTheyCome) {
  UseFiles();
  Start();
  EXPECT_EQ(Subject(), "/CN=seaworthy self-signed");
  EXPECT_EQ(Subject(), "/CN=seaworthy self-signed");
  WritePair("late");
  EXPECT_EQ(Subject(), "/CN=late");
}

TEST_F(HttpTlsTest, ClosesHandshakesThatDoNotEnd) {
  Start();
  TestClient silent(server_->port(0)), plain(server_->port(0)), half(server_->port(0));
  plain.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  half.Send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(plain.ClosedWithin(3s));
  EXPECT_TRUE(silent.ClosedWithin(3s));
  EXPECT_TRUE(half.ClosedWithin(3s));
  TestClient client(server_->port(0), true);
  EXPECT_EQ(client.Get("/").status, 200);
}

TEST_F(HttpTlsTest, RefusesOldProtocols) {
  Start();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  TestClient socket(server_->port(0));
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket.fd());
  EXPECT_NE(SSL_connect(ssl), 1);
  SSL_free(ssl);
  SSL_CTX_free(context);
}

}  // namespace
}  // namespace seaworthy::sinks::http
