// Random objects of every kind in a small universe where everything can meet everything: names collide, selectors
// overlap, owners come and go. The same seed gives the same objects, whatever the namespaces are called.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "seaworthy/kind.h"

namespace seaworthy::testing {

class Universe {
 public:
  // `namespaces`: two of them or more, not system ones.
  Universe(std::uint64_t seed, std::vector<std::string> namespaces);

  // An object as an API server would show it at `now` (seconds since the epoch), without a resourceVersion.
  nlohmann::json Object(Kind kind, std::int64_t now);
  // Changes one small thing of it, as most updates do; sometimes nothing.
  void Nudge(nlohmann::json& object, std::int64_t now);
  // Those that its AuditPolicies have some of.
  static nlohmann::json CustomChecks();
  // Those that workloads are made of come more often.
  Kind AnyKind();

  bool Chance(unsigned one_in) { return random_() % one_in == 0; }
  std::size_t Below(std::size_t limit) { return random_() % limit; }
  std::mt19937_64& random() { return random_; }

 private:
  using json = nlohmann::json;

  const char* Pick(std::initializer_list<const char*> of) { return *(of.begin() + Below(of.size())); }
  std::string AnyNamespace() { return namespaces_[Below(namespaces_.size())]; }
  std::string AnyApp() { return Pick({"web", "api", "db"}); }
  int Int(int limit) { return static_cast<int>(Below(static_cast<std::size_t>(limit))); }
  // Some time within the last 50 minutes, or long ago.
  std::string Ago(std::int64_t now);
  // Objects of one name are one incarnation mostly, another now and then.
  std::string NewUid(const std::string& of);
  std::string UidOf(const std::string& of);
  json Meta(Kind kind, const std::string& ns, const std::string& name, std::int64_t now);
  json Owner(const std::string& api_version, const std::string& kind, const std::string& ns, const std::string& name);
  json Labels(const std::string& app);
  json Container(const std::string& app);
  json PodSpec(const std::string& app);
  json Template(const std::string& app);
  json Replicated(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json ReplicaSet(const std::string& ns, const std::string& app, std::int64_t now);
  json CronJob(const std::string& ns, const std::string& app, std::int64_t now);
  json Job(const std::string& ns, const std::string& app, std::int64_t now);
  json Pod(const std::string& ns, const std::string& app, std::int64_t now);
  json PodStatus(std::int64_t now);
  json Node(std::int64_t now);
  json Namespace(std::int64_t now);
  json Network(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json Policy(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json ScaledObject(const std::string& ns, const std::string& app, std::int64_t now);
  json Rollout(const std::string& ns, const std::string& app, std::int64_t now);
  json VulnerabilityReport(const std::string& ns, const std::string& app, std::int64_t now);
  json Storage(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json Backup(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json Platform(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json Traffic(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json Monitoring(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json OtherPolicy(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json Told(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);
  json Access(Kind kind, const std::string& ns, const std::string& app, std::int64_t now);

  std::mt19937_64 random_;
  std::vector<std::string> namespaces_;
  std::map<std::string, int> incarnation_;
};

// "2026-11-24T12:00:00Z"
std::string TimeText(std::int64_t seconds);

}  // namespace seaworthy::testing
