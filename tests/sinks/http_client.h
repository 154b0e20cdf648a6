// A client on a raw socket, as rude as a test needs it: sends any bytes at any pace, and sees every byte that comes
// back.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "testing/patience.h"

namespace seaworthy::sinks::http {

struct Answer {
  int status = 0;  // 0: none came
  std::string head, body;
  bool Has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port, bool tls = false) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (tls && connected_) Handshake();
  }
  ~TestClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    close(fd_);
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  // Of the server's certificate: "CN=..." in OpenSSL's one-line form.
  std::string Subject() const {
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    char text[256] = "";
    if (certificate != nullptr) X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof text);
    X509_free(certificate);
    return text;
  }
  SSL* ssl() const { return ssl_; }

  bool Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ssl_ != nullptr ? SSL_write(ssl_, text.data(), static_cast<int>(text.size()))
                                           : send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // False at the end of the stream or after `wait` of silence; `closed` tells them apart.
  bool Receive(std::chrono::milliseconds wait) {
    pollfd waiting = {fd_, POLLIN, 0};
    if ((ssl_ == nullptr || SSL_pending(ssl_) == 0) && poll(&waiting, 1, static_cast<int>(wait.count())) <= 0)
      return false;
    char buffer[65536];
    const ssize_t got = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer) : recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) {
      closed_ = true;
      return false;
    }
    received_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  // The next whole response; `head_only`: after HEAD.
  Answer Read(bool head_only = false,
              std::chrono::milliseconds wait = std::chrono::seconds(10 * seaworthy::testing::kPatience)) {
    Answer answer;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!Receive(wait)) return answer;
    }
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + answer.head.find(' '));
    if (head_only) return answer;
    const std::size_t length = answer.head.find("Content-Length: ");
    if (length != std::string::npos) {
      const auto size = static_cast<std::size_t>(std::atoll(answer.head.c_str() + length + 16));
      while (received_.size() < size && Receive(wait)) {
      }
      answer.body = received_.substr(0, size);
      received_.erase(0, size);
    } else if (answer.Has("Transfer-Encoding: chunked")) {
      ReadChunks(answer, wait);
    } else if (answer.Has("Connection: close")) {  // the end of the connection ends the body
      while (Receive(wait)) {
      }
      answer.body = std::exchange(received_, {});
    }
    return answer;
  }

  Answer Get(std::string_view path, std::string_view headers = "") {
    Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n");
    return Read();
  }

  // Whether the server closes within `wait`.
  bool ClosedWithin(std::chrono::milliseconds wait) {
    const auto end = std::chrono::steady_clock::now() + wait;
    while (!closed_ && std::chrono::steady_clock::now() < end) {
      Receive(std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()) +
              std::chrono::milliseconds(1));
    }
    return closed_;
  }
  const std::string& received() const { return received_; }

 private:
  void Handshake() {
    context_ = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    const unsigned char offer[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl_, offer, sizeof offer - 1);
    connected_ = SSL_connect(ssl_) == 1;
  }
  void ReadChunks(Answer& answer, std::chrono::milliseconds wait) {
    while (true) {
      std::size_t line = 0;
      while ((line = received_.find("\r\n")) == std::string::npos) {
        if (!Receive(wait)) return;
      }
      const auto size = static_cast<std::size_t>(std::strtoull(received_.c_str(), nullptr, 16));
      while (received_.size() < line + 2 + size + 2) {
        if (!Receive(wait)) return;
      }
      answer.body += received_.substr(line + 2, size);
      received_.erase(0, line + 2 + size + 2);
      if (size == 0) return;
    }
  }

  int fd_ = -1;
  bool connected_ = false, closed_ = false;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string received_;
};

}  // namespace seaworthy::sinks::http
