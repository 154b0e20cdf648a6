// A server with short timeouts and handlers that behave in every way, for the tests of it.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "sinks/http/server.h"
#include "sinks/http_client.h"
#include "support/gzip.h"

namespace seaworthy::sinks::http {

using namespace std::chrono_literals;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.limits.header_timeout = 300ms;
    options_.limits.idle_timeout = 600ms;
    options_.limits.write_timeout = 1s;
    options_.limits.handler_timeout = 500ms;
    options_.note = [this](std::string_view message, std::string_view detail) {
      const std::lock_guard lock(mutex_);
      notes_ += std::string(message) + "|" + std::string(detail) + "\n";
    };
    ListenerOptions listener;
    listener.address = "127.0.0.1";
    listener.handler = [this](const Request& request, Responder respond) { Handle(request, std::move(respond)); };
    options_.listeners.push_back(std::move(listener));
  }

  void Handle(const Request& request, Responder respond) {
    if (request.path == "/hello") return respond(Response::Text(200, "hello\n"));
    if (request.path == "/echo")
      return respond(Response::Text(
          200, request.path + "?" + request.query + "|" + std::string(request.Header("x-test")) + "|" + request.peer));
    if (request.path == "/throw") throw std::runtime_error("boom");
    if (request.path == "/drop") return;
    if (request.path == "/twice") {
      respond(Response::Text(200, "first"));
      return respond(Response::Text(200, "second"));
    }
    if (request.path == "/later") {
      threads_.emplace_back([respond] {
        std::this_thread::sleep_for(100ms);
        respond(Response::Text(200, "later"));
      });
      return;
    }
    if (request.path == "/hold") {
      held_.push_back(std::move(respond));
      return;
    }
    if (request.path == "/big") {
      Response response;
      response.body.assign(big_pieces_.begin(), big_pieces_.end());
      return respond(std::move(response));
    }
    if (request.path == "/made") {
      Response response;
      response.body.push_back(std::make_shared<const std::string>("begin\n"));
      response.more = [count = 0](std::string& piece) mutable {
        piece = count == 2 ? std::string() : "piece " + std::to_string(count) + std::string(200'000, '.') + "\n";
        return ++count <= 5;
      };
      return respond(std::move(response));
    }
    if (request.path == "/packed") {
      Response response = Response::Text(200, std::string(5000, 'p'));
      response.gzip_body = std::make_shared<const std::string>(support::GzipCompress(std::string(5000, 'p')));
      return respond(std::move(response));
    }
    if (request.path == "/headers") {
      Response response = Response::Text(200, "x");
      response.headers = {{"X-Good", "yes"}, {"X-Bad", "a\r\nInjected: 1"}, {"Bad Name", "1"}, {"", "1"}};
      return respond(std::move(response));
    }
    respond(Response::Text(404, "not found\n"));
  }

  void Start() {
    server_ = std::make_unique<Server>(options_);
    const Status status = server_->Start();
    ASSERT_TRUE(status.ok()) << status.message();
  }
  void TearDown() override {
    for (std::thread& thread : threads_) thread.join();
    server_.reset();
  }
  std::uint16_t port() const { return server_->port(0); }
  bool Eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 500; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  std::string notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::vector<std::shared_ptr<const std::string>> big_pieces_;
  std::vector<std::thread> threads_;
  std::vector<Responder> held_;
  std::mutex mutex_;
  std::string notes_;
};

}  // namespace seaworthy::sinks::http
