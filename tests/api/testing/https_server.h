// A small HTTPS server that does what a test tells it, one thread a connection.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/testing/tls_files.h"

namespace seaworthy::api::testing {

struct SeenRequest {
  std::string method, target, head, body;
  std::string Header(std::string_view name) const {
    std::string low = head;
    std::transform(low.begin(), low.end(), low.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t at = low.find("\r\n" + std::string(name) + ":");
    if (at == std::string::npos) return {};
    const std::size_t begin = head.find_first_not_of(' ', at + 3 + name.size());
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class HttpsServer {
 public:
  // One accepted connection with its TLS established.
  class Connection {
   public:
    Connection(SSL* ssl, int socket, const std::atomic<bool>& stop) : ssl_(ssl), socket_(socket), stop_(stop) {}

    // False: the other side closed, or the server stops.
    bool Read(SeenRequest& request) {
      std::size_t end = std::string::npos;
      while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!Fill()) return false;
      }
      request.head = buffer_.substr(0, end + 2);
      buffer_.erase(0, end + 4);
      const std::size_t space = request.head.find(' ');
      request.method = request.head.substr(0, space);
      request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
      const std::string length = request.Header("content-length");
      const std::size_t size = length.empty() ? 0 : std::stoul(length);
      while (buffer_.size() < size) {
        if (!Fill()) return false;
      }
      request.body = buffer_.substr(0, size);
      buffer_.erase(0, size);
      return true;
    }
    // False: the other side does not take it any more.
    bool Write(std::string_view bytes) {
      while (!bytes.empty()) {
        if (!Wait(POLLOUT)) return false;
        const int put = SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)));
        if (put <= 0) {
          const int error = SSL_get_error(ssl_, put);
          if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) continue;
          return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
        written_ += static_cast<std::size_t>(put);
      }
      return true;
    }
    bool Answer(int status, std::string_view headers, std::string_view body) {
      return Write("HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(headers) +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    }
    bool AnswerJson(std::string_view body) { return Answer(200, "Content-Type: application/json\r\n", body); }
    bool StartChunked(std::string_view headers = "Content-Type: application/json\r\n") {
      return Write("HTTP/1.1 200 OK\r\n" + std::string(headers) + "Transfer-Encoding: chunked\r\n\r\n");
    }
    bool Chunk(std::string_view bytes) {
      char size[32];
      std::snprintf(size, sizeof(size), "%zx\r\n", bytes.size());
      return Write(size + std::string(bytes) + "\r\n");
    }
    bool EndChunked() { return Write("0\r\n\r\n"); }
    // RST instead of an orderly end.
    void Reset() {
      const linger hard = {1, 0};
      setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    }
    // True once the other side has closed; false when the server stops first.
    bool WaitForClose() {
      char byte = 0;
      while (true) {
        if (!Wait(POLLIN)) return false;
        const int got = SSL_read(ssl_, &byte, 1);
        if (got <= 0) {
          const int error = SSL_get_error(ssl_, got);
          if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return true;
        }
      }
    }
    std::size_t written() const { return written_; }
    bool stopping() const { return stop_; }
    std::string PeerName() const {
      X509* certificate = SSL_get1_peer_certificate(ssl_);
      if (certificate == nullptr) return {};
      char name[256] = {};
      X509_NAME_oneline(X509_get_subject_name(certificate), name, sizeof(name) - 1);
      X509_free(certificate);
      return name;
    }

   private:
    bool Wait(short events) {
      if (events == POLLIN && SSL_pending(ssl_) > 0) return true;
      while (!stop_) {
        pollfd wanted = {socket_, events, 0};
        if (poll(&wanted, 1, 20) > 0) return true;
      }
      return false;
    }
    bool Fill() {
      char block[16384];
      while (true) {
        if (!Wait(POLLIN)) return false;
        const int got = SSL_read(ssl_, block, sizeof(block));
        if (got > 0) {
          buffer_.append(block, static_cast<std::size_t>(got));
          return true;
        }
        const int error = SSL_get_error(ssl_, got);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return false;
      }
    }
    SSL* ssl_;
    int socket_;
    const std::atomic<bool>& stop_;
    std::string buffer_;
    std::size_t written_ = 0;
  };

  using Handler = std::function<bool(Connection&, const SeenRequest&)>;

  // `handler` is called for each request of each connection; true lets the connection live on for the next.
  HttpsServer(const Pem& identity, Handler handler, const std::string& client_ca = {}, bool ipv6 = false)
      : handler_(std::move(handler)), context_(SSL_CTX_new(TLS_server_method())) {
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE);
    UsePem(identity);
    if (!client_ca.empty()) RequireClients(client_ca);
    listener_ = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (ipv6) {
      sockaddr_in6 address = {};
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
      socklen_t size = sizeof(address);
      bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
      port_ = ntohs(address.sin6_port);
    } else {
      sockaddr_in address = {};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof(address);
      bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
      port_ = ntohs(address.sin_port);
    }
    listen(listener_, 128);
    acceptor_ = std::thread([this] { Accept(); });
  }

  ~HttpsServer() {
    stop_ = true;
    acceptor_.join();
    close(listener_);
    for (Worker& worker : threads_) worker.thread.join();
    SSL_CTX_free(context_);
  }

  std::uint16_t port() const { return port_; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  int accepted() const { return accepted_; }        // TCP connections
  int established() const { return established_; }  // of those, with TLS
  int open() const { return open_; }
  SSL_CTX* context() { return context_; }  // to be changed before the first connection
  // Connections that never finish their handshake.
  void StallHandshakes() { stall_ = true; }
  std::vector<SeenRequest> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  void UsePem(const Pem& identity) {
    BIO* certificate_bio = BIO_new_mem_buf(identity.certificate.data(), static_cast<int>(identity.certificate.size()));
    X509* certificate = PEM_read_bio_X509(certificate_bio, nullptr, nullptr, nullptr);
    BIO* key_bio = BIO_new_mem_buf(identity.key.data(), static_cast<int>(identity.key.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_bio);
    BIO_free(key_bio);
  }
  void RequireClients(const std::string& ca) {
    BIO* bio = BIO_new_mem_buf(ca.data(), static_cast<int>(ca.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), certificate);
    X509_free(certificate);
    BIO_free(bio);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  void Accept() {
    while (!stop_) {
      pollfd wanted = {listener_, POLLIN, 0};
      if (poll(&wanted, 1, 20) <= 0) continue;
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      ++accepted_;
      // Those that are done would keep their stacks.
      std::erase_if(threads_, [](Worker& worker) {
        if (!worker.done) return false;
        worker.thread.join();
        return true;
      });
      Worker& worker = threads_.emplace_back();
      worker.thread = std::thread([this, socket, &worker] {
        Serve(socket);
        worker.done = true;
      });
    }
  }
  void Serve(int socket) {
    ++open_;
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, socket);
    while (stall_ && !stop_) {
      // Until the other side gives up.
      char byte = 0;
      if (recv(socket, &byte, 1, MSG_DONTWAIT) == 0) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    timeval limit = {10, 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (!stall_ && SSL_accept(ssl) == 1) {
      ++established_;
      Connection connection(ssl, socket, stop_);
      SeenRequest request;
      while (connection.Read(request)) {
        {
          const std::lock_guard lock(mutex_);
          seen_.push_back(request);
        }
        if (!handler_(connection, request)) break;
      }
    }
    SSL_free(ssl);
    close(socket);
    --open_;
  }
  Handler handler_;
  SSL_CTX* context_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false, stall_ = false;
  std::atomic<int> accepted_ = 0, established_ = 0, open_ = 0;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  struct Worker {
    std::thread thread;
    std::atomic<bool> done = false;
  };
  std::list<Worker> threads_;
  std::thread acceptor_;
};

}  // namespace seaworthy::api::testing
