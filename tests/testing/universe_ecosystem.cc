// Objects of other projects: autoscalers, scanners.
#include "testing/universe.h"

namespace seaworthy::testing {

using nlohmann::json;

json Universe::ScaledObject(const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"apiVersion", "keda.sh/v1alpha1"},
                 {"kind", "ScaledObject"},
                 {"metadata", Meta(Kind::kScaledObject, ns, app, now)}};
  json target = {{"name", AnyApp()}};
  if (Chance(2)) target["kind"] = Pick({"Deployment", "StatefulSet", "Rollout"});
  object["spec"] = {{"scaleTargetRef", std::move(target)}, {"maxReplicaCount", 1 + Int(5)}};
  if (Chance(2)) object["spec"]["minReplicaCount"] = Int(4);
  if (Chance(6)) object["spec"]["idleReplicaCount"] = 0;
  if (Chance(6)) object["metadata"]["annotations"] = {{"autoscaling.keda.sh/paused-replicas", std::to_string(Int(4))}};
  return object;
}

json Universe::Rollout(const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {
      {"apiVersion", "argoproj.io/v1alpha1"}, {"kind", "Rollout"}, {"metadata", Meta(Kind::kRollout, ns, app, now)}};
  json& spec = object["spec"];
  spec["strategy"] = {{Pick({"canary", "blueGreen"}), json::object()}};
  if (!Chance(4)) spec["replicas"] = Int(5);
  if (Chance(4)) {
    spec["workloadRef"] = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", AnyApp()}};
  } else {
    spec["selector"] = {{"matchLabels", {{"app", app}}}};
    spec["template"] = Template(app);
  }
  if (Chance(4)) object["metadata"]["annotations"]["seaworthy.dev/singleton"] = "one at a time";
  if (Chance(4)) object["metadata"]["labels"]["seaworthy.dev/tier"] = "critical";
  return object;
}

json Universe::VulnerabilityReport(const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"apiVersion", "aquasecurity.github.io/v1alpha1"}, {"kind", "VulnerabilityReport"}};
  object["metadata"] = Meta(Kind::kVulnerabilityReport, ns, app + "-" + std::to_string(Int(4)), now);
  json& meta = object["metadata"];
  struct About {
    const char* api_version;
    const char* kind;
    const char* suffix;
  };
  constexpr About kAbout[] = {{"apps/v1", "ReplicaSet", "-h1"},
                              {"apps/v1", "ReplicaSet", "-h2"},
                              {"apps/v1", "StatefulSet", ""},
                              {"apps/v1", "DaemonSet", ""},
                              {"batch/v1", "CronJob", ""},
                              {"batch/v1", "Job", "-job0"},
                              {"v1", "Pod", "-h1-0"}};
  const About& about = kAbout[Below(std::size(kAbout))];
  meta["ownerReferences"] = json::array({Owner(about.api_version, about.kind, ns, app + about.suffix)});
  meta["labels"] = {{"trivy-operator.container.name", "app"}};
  const auto days_ago = [&](int days) { return TimeText(now - std::int64_t{86'400} * Int(days)); };
  json& report = object["report"];
  report = {
      {"updateTimestamp", days_ago(10)},
      {"artifact",
       {{"repository", "library/web"}, {"tag", Pick({"1.2", "latest"})}, {"digest", Pick({"sha256:aa", "sha256:cc"})}}},
      {"os", {{"family", "debian"}, {"name", "12"}, {"eosl", Chance(3)}}},
      {"vulnerabilities", json::array()}};
  for (int i = Int(3); i > 0; --i) {
    report["vulnerabilities"].push_back({{"vulnerabilityID", "CVE-2026-" + std::to_string(i)},
                                         {"severity", Pick({"CRITICAL", "HIGH", "LOW"})},
                                         {"fixedVersion", Chance(2) ? "1.1" : ""},
                                         {"publishedDate", days_ago(100)}});
  }
  return object;
}

}  // namespace seaworthy::testing
