// Lets in whoever the API server knows and allows: TokenReview says whose token it is, SubjectAccessReview whether that
// user may `get` the path as a nonResourceURL (ClusterRole seaworthy-metrics-reader). So a Prometheus that may scrape
// kube-state-metrics behind kube-rbac-proxy may scrape us, without a secret of ours.
//
// Answers are kept as controller-runtime keeps them (pkg/metrics/filters): a token's user for a minute, a permission
// for five minutes, a refusal for 30 s; an API server that cannot be asked lets nobody in beyond that. What it adds is
// that strangers cannot turn us into a flood: tokens are remembered as SHA-256 only, at most 1,024 of them, equal
// questions are asked once, and no more than five tokens and five permissions a second are looked up; those that were
// good before have five of their own, so that strangers do not push out the scraper.
//
// Authorize on any thread; the transport's callbacks on its executor, at which the reviewer must be destroyed after the
// server that asks it. Transport and clock outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/transport.h"
#include "sinks/http/message.h"

namespace seaworthy::sinks::http {

class TokenReviewer final : public Authorizer {
 public:
  // `note`: what the log is told, at most once for each failed review.
  using Note = std::function<void(std::string_view message, std::string_view detail)>;
  TokenReviewer(Transport& transport, const Clock& clock, Note note);
  ~TokenReviewer() override;

  void Authorize(const Request& request, Reply<Decision> done) override;

  static constexpr Duration kUserFor = std::chrono::minutes(1);
  static constexpr Duration kAllowedFor = std::chrono::minutes(5);
  static constexpr Duration kRefusedFor = std::chrono::seconds(30);
  // How long what was good keeps its place before strangers' once it has to be looked up again.
  static constexpr Duration kRememberedFor = std::chrono::minutes(15);
  static constexpr std::size_t kTokens = 1024;
  static constexpr std::size_t kReviewsPerSecond = 5;

 private:
  struct State;
  const std::shared_ptr<State> state_;  // callbacks of the transport may outlive us
};

}  // namespace seaworthy::sinks::http
