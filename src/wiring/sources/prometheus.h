// Asks a Prometheus (or what speaks its HTTP API: Thanos, Mimir, VictoriaMetrics) what the cluster's API does not show:
// how full volumes are, which containers are throttled, which targets are up, whether alerts are delivered.
// docs/sources.md lists the queries.
//
// A round every five minutes, one query after the other; each group of queries is a snapshot of one kind. Values are
// rounded before they become facts, and a fact that stays as it is touches nobody.
//
// Lives on its executor; reads answers there.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/transport.h"
#include "support/json.h"
#include "wiring/sources/feed_state.h"

namespace seaworthy::wiring {

struct PrometheusOptions {
  // Label matchers that pick this cluster's series where the server has several clusters': `cluster="prod-1"`.
  std::string matchers;
};

class Prometheus {
 public:
  static constexpr Duration kEvery = std::chrono::minutes(5);
  static constexpr Duration kDeadline = std::chrono::seconds(60);

  // The transport may be nobody else's.
  Prometheus(PrometheusOptions options, std::unique_ptr<Transport> transport, Executor& executor, const Clock& clock,
             const ObjectDecoder& decoder, WatchSink& sink);
  ~Prometheus();
  Prometheus(const Prometheus&) = delete;
  Prometheus& operator=(const Prometheus&) = delete;

  static KindSet kinds() {
    return {Kind::kContainerThrottling, Kind::kVolumeStats, Kind::kScrapeTarget, Kind::kAlertDelivery};
  }

  void Start();
  // What is not well; empty: everything is.
  std::string problem() const;

  // One series of an instant vector.
  struct Sample {
    const support::Node* labels;
    double value;
    std::string_view Label(std::string_view name) const { return (*labels)[name].text(); }
  };
  using Samples = std::vector<Sample>;
  // kInvalidArgument: not a vector. The samples point into `tree`.
  static Result<Samples> ReadVector(std::string_view body, support::Tree& tree);

 private:
  // What a kind's queries have given so far, by namespace and name; filled query by query.
  struct Facts;
  struct Group;
  static const std::vector<Group>& Groups();

  void Round();
  void Ask();
  void OnAnswer(const Result<HttpResponse>& answer);
  void Next(bool group_ends);
  void Publish(const Group& group);

  const PrometheusOptions options_;
  std::unique_ptr<Transport> transport_;
  Executor& executor_;
  const Clock& clock_;
  const ObjectDecoder& decoder_;
  WatchSink& sink_;
  std::vector<FeedState> states_;  // one a group
  support::Tree tree_, small_;
  std::unique_ptr<Facts> facts_;
  MonoTime begun_;
  std::size_t group_ = 0, query_ = 0;
  Executor::TimerId timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // answers that come after us find it gone
};

}  // namespace seaworthy::wiring
