// A transport that remembers what was asked and answers at once, always with the same status and no body.
#pragma once

#include <utility>
#include <vector>

#include "seaworthy/transport.h"

namespace seaworthy::sinks::testing {

class AnsweringTransport final : public Transport {
 public:
  explicit AnsweringTransport(int status_of_answers) : status(status_of_answers) {}
  void Unary(HttpRequest request, Done done) override {
    requests.push_back(std::move(request));
    HttpResponse response;
    response.head.status = status;
    done(response);
  }
  StreamId Stream(HttpRequest, StreamObserver*) override { return 0; }
  void Cancel(StreamId) override {}

  std::vector<HttpRequest> requests;
  int status;
};

}  // namespace seaworthy::sinks::testing
