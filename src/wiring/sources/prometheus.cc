#include "wiring/sources/prometheus.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "api/url.h"
#include "support/hash.h"

namespace seaworthy::wiring {
namespace {

using nlohmann::json;

// Of the largest answer that is read: 100,000 series of a quarter kilobyte.
constexpr support::JsonLimits kLimits{.depth = 16, .tokens = 4'000'000};
// Objects of one kind.
constexpr std::size_t kMaxObjects = 200'000;

// In whole per cents, downwards: 2.9 % is less than 3 %.
std::int64_t Percent(double ratio) {
  return static_cast<std::int64_t>(std::floor(std::clamp(ratio, -1.0, 10.0) * 100 + 1e-9));
}

std::optional<double> ParseValue(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

struct Prometheus::Facts {
  // Numbers and lists by path, as the decoder reads them.
  std::map<std::pair<std::string, std::string>, json> objects;

  // Of earlier queries of the group. Ranges reach back to what is gone.
  json* Known(std::string_view ns, std::string_view name) {
    const auto found = objects.find({std::string(ns), std::string(name)});
    return found == objects.end() ? nullptr : &found->second;
  }
  json* Of(std::string_view ns, std::string_view name) {
    if (name.empty() || name.size() > 253 || ns.size() > 253) return nullptr;
    const std::pair key{std::string(ns), std::string(name)};
    const auto found = objects.find(key);
    if (found != objects.end()) return &found->second;
    if (objects.size() >= kMaxObjects) return nullptr;
    return &objects.emplace(key, json::object()).first->second;
  }
};

struct Prometheus::Group {
  struct Query {
    // "$" stands for the matchers behind others, with a comma in front where there are any; "#" for a selector of
    // nothing but them.
    std::string_view text;
    void (*take)(const Samples& samples, Facts& facts);
  };
  Kind kind;
  std::vector<Query> queries;
};

// Each query is read by the function behind it. Rates and predictions are the server's business: here a number is
// rounded and written down.
const std::vector<Prometheus::Group>& Prometheus::Groups() {
  static const std::vector<Group> groups = {
      {Kind::kVolumeStats,
       {
           {R"(max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{persistentvolumeclaim!=""$}))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                if (json* of = facts.Of(one.Label("namespace"), one.Label("persistentvolumeclaim")))
                  (*of)["capacityBytes"] = std::llround(std::clamp(one.value, 0.0, 1e18));
              }
            }},
           {R"(min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{persistentvolumeclaim!=""$} / kubelet_volume_stats_capacity_bytes{persistentvolumeclaim!=""$}))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                if (json* of = facts.Known(one.Label("namespace"), one.Label("persistentvolumeclaim")))
                  (*of)["freePercent"] = Percent(one.value);
              }
            }},
           // File systems that make inodes as they need them say that there are 0.
           {R"(min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_inodes_free{persistentvolumeclaim!=""$} / (kubelet_volume_stats_inodes{persistentvolumeclaim!=""$} > 0)))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                if (json* of = facts.Known(one.Label("namespace"), one.Label("persistentvolumeclaim")))
                  (*of)["inodesFreePercent"] = Percent(one.value);
              }
            }},
           // By the trend of six hours, in four days. A trend needs a volume that was there for all of them.
           {R"(min by (namespace, persistentvolumeclaim) ((predict_linear(kubelet_volume_stats_available_bytes{persistentvolumeclaim!=""$}[6h], 4 * 24 * 3600) / kubelet_volume_stats_capacity_bytes{persistentvolumeclaim!=""$} < 0.15) and (kubelet_volume_stats_capacity_bytes{persistentvolumeclaim!=""$} offset 6h)))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                json* of = facts.Known(one.Label("namespace"), one.Label("persistentvolumeclaim"));
                if (of == nullptr) continue;
                if (one.value < 0) (*of)["fullWithinDays"] = 4;
                // Half a per cent in four days is noise.
                const std::int64_t now = of->value("freePercent", std::int64_t{-1});
                if (now >= 0 && one.value * 100 < static_cast<double>(now) - 0.5) (*of)["filling"] = true;
              }
            }},
           {R"(max by (namespace, persistentvolumeclaim) (max_over_time((kubelet_volume_stats_used_bytes{persistentvolumeclaim!=""$} / kubelet_volume_stats_capacity_bytes{persistentvolumeclaim!=""$})[7d:1h]) < 0.5))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                if (json* of = facts.Known(one.Label("namespace"), one.Label("persistentvolumeclaim")))
                  (*of)["usedPercentAtMost"] = Percent(one.value);
              }
            }},
           {R"(count by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{persistentvolumeclaim!=""$} offset 7d))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                if (json* of = facts.Known(one.Label("namespace"), one.Label("persistentvolumeclaim")))
                  (*of)["observedDays"] = 7;
              }
            }},
       }},
      {Kind::kContainerThrottling,
       {
           {R"(count by (namespace) (container_cpu_cfs_periods_total{container!="",container!="POD"$}))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) facts.Of(one.Label("namespace"), ".");
            }},
           // An hour: a container that starts is throttled for a while, and that is nobody's concern.
           {R"(sum by (namespace, pod, container) (increase(container_cpu_cfs_throttled_periods_total{container!="",container!="POD"$}[1h])) / sum by (namespace, pod, container) (increase(container_cpu_cfs_periods_total{container!="",container!="POD"$}[1h])) >= 0.05)",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                json* of = facts.Of(one.Label("namespace"), one.Label("pod"));
                // In steps of five: the figure moves all the time.
                if (of != nullptr)
                  (*of)["containers"].push_back(
                      json::object({{"name", one.Label("container")}, {"percent", Percent(one.value) / 5 * 5}}));
              }
            }},
       }},
      {Kind::kScrapeTarget,
       {
           {R"(max by (namespace, pod, container) (up{pod!="",namespace!=""$}))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                json* of = facts.Of(one.Label("namespace"), one.Label("pod"));
                if (of != nullptr)
                  (*of)["targets"].push_back(
                      json::object({{"container", one.Label("container")}, {"up", one.value > 0 ? "1" : "0"}}));
              }
            }},
           // The labels of the scrape configuration that Prometheus' own chart and documentation give.
           {R"(max by (kubernetes_namespace, kubernetes_pod_name) (up{kubernetes_pod_name!="",kubernetes_namespace!="",pod=""$}))",
            [](const Samples& samples, Facts& facts) {
              for (const Sample& one : samples) {
                json* of = facts.Of(one.Label("kubernetes_namespace"), one.Label("kubernetes_pod_name"));
                if (of != nullptr) (*of)["targets"].push_back(json::object({{"up", one.value > 0 ? "1" : "0"}}));
              }
            }},
       }},
      {Kind::kAlertDelivery,
       {
           {R"(max(prometheus_notifications_alertmanagers_discovered#))",
            [](const Samples& samples, Facts& facts) {
              if (!samples.empty())
                (*facts.Of("", "prometheus"))["alertmanagers"] =
                    std::llround(std::clamp(samples.front().value, 0.0, 1e6));
            }},
           {R"(sum(increase({__name__=~"prometheus_notifications_sent_total|vmalert_alerts_sent_total"$}[24h])))",
            [](const Samples& samples, Facts& facts) {
              if (!samples.empty()) (*facts.Of("", "prometheus"))["sent"] = samples.front().value > 0 ? "some" : "none";
            }},
           {R"(sum(increase({__name__=~"prometheus_notifications_errors_total|prometheus_notifications_dropped_total|vmalert_alerts_send_errors_total"$}[1h])))",
            [](const Samples& samples, Facts& facts) {
              if (!samples.empty())
                (*facts.Of("", "prometheus"))["sendErrors"] = samples.front().value > 0 ? "some" : "none";
            }},
           {R"(sum(increase(alertmanager_notifications_total#[24h])) - sum(increase(alertmanager_notifications_failed_total#[24h])))",
            [](const Samples& samples, Facts& facts) {
              if (!samples.empty())
                (*facts.Of("", "prometheus"))["notified"] = samples.front().value >= 0.5 ? "some" : "none";
            }},
           // Integrations of which no notification of the last hour arrived.
           {R"((sum by (integration) (increase(alertmanager_notifications_failed_total#[1h])) >= sum by (integration) (increase(alertmanager_notifications_total#[1h]))) > 0)",
            [](const Samples& samples, Facts& facts) {
              std::vector<std::string> names;
              for (const Sample& one : samples) names.emplace_back(one.Label("integration").substr(0, 64));
              std::sort(names.begin(), names.end());
              if (!names.empty()) (*facts.Of("", "prometheus"))["failingIntegrations"] = names;
            }},
       }},
  };
  return groups;
}

Prometheus::Prometheus(PrometheusOptions options, std::unique_ptr<Transport> transport, Executor& executor,
                       const Clock& clock, const ObjectDecoder& decoder, WatchSink& sink)
    : options_(std::move(options)),
      transport_(std::move(transport)),
      executor_(executor),
      clock_(clock),
      decoder_(decoder),
      sink_(sink),
      tree_(kLimits),
      facts_(std::make_unique<Facts>()) {
  for (const Group& group : Groups())
    states_.emplace_back("Prometheus: " + std::string(Info(group.kind).name), KindSet{group.kind}, clock, sink);
}

Prometheus::~Prometheus() { executor_.Cancel(timer_); }

void Prometheus::Start() { Round(); }

std::string Prometheus::problem() const {
  for (const FeedState& state : states_) {
    if (!state.problem().empty()) return state.problem();
  }
  return {};
}

void Prometheus::Round() {
  begun_ = clock_.Now();
  group_ = query_ = 0;
  Ask();
}

void Prometheus::Ask() {
  const std::string_view text = Groups()[group_].queries[query_].text;
  std::string query;
  for (const char c : text) {
    if (c != '$' && c != '#') {
      query += c;
    } else if (!options_.matchers.empty()) {
      query += c == '$' ? "," + options_.matchers : "{" + options_.matchers + "}";
    }
  }
  HttpRequest request{.target = "/api/v1/query" + api::Query().Add("query", query).str(), .deadline = kDeadline};
  transport_->Unary(std::move(request), [this, alive = std::weak_ptr(alive_)](const Result<HttpResponse>& answer) {
    if (!alive.expired()) OnAnswer(answer);
  });
}

Result<Prometheus::Samples> Prometheus::ReadVector(std::string_view body, support::Tree& tree) {
  if (const Status parsed = support::ParseJson(body, tree); !parsed.ok())
    return Status(Code::kInvalidArgument, parsed.message());
  const support::Node& root = tree.root();
  if (root["status"].text() != "success")
    return Status(Code::kInvalidArgument, "the query failed: " + std::string(root["error"].text().substr(0, 200)));
  if (root["data"]["resultType"].text() != "vector") return Status(Code::kInvalidArgument, "the answer is no vector");
  Samples samples;
  for (const support::Node& one : root["data"]["result"]) {
    // [time, "value"]; NaN, where somebody divided by nothing, is left out.
    const support::Node* second = nullptr;
    for (const support::Node& element : one["value"]) second = &element;
    if (second == nullptr) continue;
    if (const std::optional<double> value = ParseValue(second->text())) samples.push_back({&one["metric"], *value});
  }
  return samples;
}

void Prometheus::OnAnswer(const Result<HttpResponse>& answer) {
  const Group& group = Groups()[group_];
  FeedState& state = states_[group_];
  if (!answer.ok()) {
    state.Failed(answer.status().message());
    return Next(true);
  }
  const int status = answer->head.status;
  if (status == 401 || status == 403) {
    state.Denied("HTTP " + std::to_string(status) + ": the token is not accepted");
    return Next(true);
  }
  // Errors in the query come with 400 and 422, and with a body like an answer's.
  Result<Samples> samples = ReadVector(answer->body, tree_);
  if (!samples.ok()) {
    state.Failed((status == 200 ? std::string() : "HTTP " + std::to_string(status) + ": ") +
                 samples.status().message());
    return Next(true);
  }
  group.queries[query_].take(*samples, *facts_);
  if (++query_ < group.queries.size()) return Ask();
  Publish(group);
  Next(true);
}

void Prometheus::Publish(const Group& group) {
  states_[group_].Answered();
  sink_.Accept({EventType::kInit, group.kind, nullptr, {}});
  for (auto& [key, object] : facts_->objects) {
    object["metadata"] = json::object({{"name", key.second}});
    if (!key.first.empty()) object["metadata"]["namespace"] = key.first;
    const std::string text = object.dump(-1, ' ', false, json::error_handler_t::replace);
    // What is as it was is not looked at again.
    if (!support::ParseJson(text, small_).ok()) continue;
    Result<ObjectPtr> decoded = decoder_.Decode(group.kind, small_.root());
    if (!decoded.ok()) continue;
    (*decoded)->meta.resource_version = support::Hash64(text) | 1;
    sink_.Accept({EventType::kInitApply, group.kind, *std::move(decoded), {}});
  }
  sink_.Accept({EventType::kInitDone, group.kind, nullptr, {}});
}

void Prometheus::Next(bool group_ends) {
  if (!group_ends) return Ask();
  facts_->objects.clear();
  query_ = 0;
  if (++group_ < Groups().size()) return Ask();
  const Duration rest = kEvery - (clock_.Now() - begun_);
  timer_ = executor_.PostAfter(std::max<Duration>(rest, std::chrono::seconds(10)), [this] { Round(); });
}

}  // namespace seaworthy::wiring
