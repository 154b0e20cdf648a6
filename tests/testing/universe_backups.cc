// What backs up, and the platform's own.
#include "testing/universe.h"

namespace seaworthy::testing {

using nlohmann::json;

json Universe::Backup(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  const KindInfo& info = Info(kind);
  json object = {{"apiVersion", std::string(info.group) + "/" + std::string(info.versions)},
                 {"kind", info.name},
                 {"metadata", Meta(kind, ns, app, now)}};
  json& spec = object["spec"] = json::object();
  json& status = object["status"] = json::object();
  const std::string claim = Chance(2) ? "data-" + app + "-" + std::to_string(Int(2)) : app;
  const char* schedule = Pick({"*/10 * * * *", "0 3 * * *", "@every 20m", "0 0 31 2 *"});
  switch (kind) {
    case Kind::kVeleroSchedule:
      spec = {{"schedule", schedule}, {"paused", Chance(4)}, {"template", json::object()}};
      if (Chance(2))
        spec["template"][Chance(2) ? "includedNamespaces" : "excludedNamespaces"] = json::array({AnyNamespace()});
      if (Chance(4)) spec["template"]["labelSelector"] = {{"matchLabels", {{"app", AnyApp()}}}};
      if (Chance(3)) spec["template"]["snapshotVolumes"] = Chance(2);
      if (Chance(3)) spec["template"]["defaultVolumesToFsBackup"] = Chance(2);
      status["phase"] = Pick({"Enabled", "Enabled", "FailedValidation"});
      break;
    case Kind::kVeleroBackup:
      object["metadata"]["name"] = app + "-" + std::to_string(Int(4));
      object["metadata"]["labels"] = {{"velero.io/schedule-name", app}};
      if (Chance(3)) spec["defaultVolumesToFsBackup"] = Chance(2);
      status = {{"phase", Pick({"Completed", "Completed", "PartiallyFailed", "Failed", "InProgress"})},
                {"startTimestamp", Ago(now)},
                {"expiration", TimeText(now + Int(2000) - 300)}};
      break;
    case Kind::kK8upSchedule: spec[Chance(3) ? "prune" : "backup"] = {{"schedule", schedule}}; break;
    case Kind::kK8upBackup:
      status = {
          {"finished", true},
          {"conditions",
           json::array({{{"type", "Completed"}, {"status", "True"}, {"reason", Pick({"Succeeded", "Failed"})}}})}};
      break;
    case Kind::kSnapshotSchedule:
      spec = {{"schedule", schedule}, {"disabled", Chance(4)}};
      if (Chance(2)) spec["claimSelector"] = {{"matchLabels", {{"team", Pick({"red", "blue"})}}}};
      break;
    case Kind::kVolumeSnapshot:
      object["metadata"]["labels"] = {{"snapscheduler.backube/schedule", AnyApp()}};
      spec["source"] = {{"persistentVolumeClaimName", claim}};
      status = {{"readyToUse", Chance(2)}, {"creationTime", Ago(now)}};
      break;
    case Kind::kReplicationSource:
      spec = {{"sourcePVC", claim}, {"trigger", {{"schedule", schedule}}}};
      status["lastSyncTime"] = Ago(now);
      break;
    case Kind::kKastenPolicy:
      spec = {{"frequency", Pick({"@daily", "@onDemand"})},
              {"actions", json::array({{{"action", "backup"}}})},
              {"selector", {{"matchLabels", {{"k10.kasten.io/appNamespace", AnyNamespace()}}}}}};
      break;
    case Kind::kLonghornRecurringJob:
      spec = {{"task", Pick({"backup", "snapshot"})},
              {"cron", schedule},
              {"groups", json::array({Pick({"default", "gold"})})}};
      break;
    case Kind::kLonghornVolume:
      if (Chance(2)) object["metadata"]["labels"] = {{"recurring-job-group.longhorn.io/gold", "enabled"}};
      status = {{"lastBackupAt", Ago(now)}, {"kubernetesStatus", {{"namespace", AnyNamespace()}, {"pvcName", claim}}}};
      break;
    case Kind::kCnpgScheduledBackup:
      spec = {{"schedule", "0 */10 * * * *"}, {"cluster", {{"name", AnyApp()}}}, {"suspend", Chance(4)}};
      break;
    default:
      spec["cluster"] = {{"name", AnyApp()}};
      status = {{"phase", Pick({"completed", "failed"})}, {"startedAt", Ago(now)}};
      break;
  }
  return object;
}

json Universe::Platform(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  const KindInfo& info = Info(kind);
  json object = {
      {"apiVersion", std::string(info.group) + "/v1"}, {"kind", info.name}, {"metadata", Meta(kind, ns, app, now)}};
  switch (kind) {
    case Kind::kServerVersion:
      object["metadata"]["name"] = "kubernetes";
      object["gitVersion"] = Pick({"v1.14.2", "v1.24.1", "v1.35.0", "devel"});
      break;
    case Kind::kApiService:
      object["spec"] = {{"service", {{"namespace", ns}, {"name", app}}}};
      object["status"]["conditions"] = json::array({{{"type", "Available"},
                                                     {"status", Pick({"True", "False"})},
                                                     {"reason", "MissingEndpoints"},
                                                     {"lastTransitionTime", Ago(now)}}});
      break;
    default: {
      json webhook = {{"name", app + ".example"},
                      {"clientConfig", {{"service", {{"namespace", ns}, {"name", AnyApp()}}}}}};
      webhook["failurePolicy"] = Pick({"Fail", "Fail", "Ignore"});
      webhook["rules"] = json::array({{{"apiGroups", json::array({Pick({"", "apps", "*"})})},
                                       {"operations", json::array({Pick({"CREATE", "UPDATE", "*"})})},
                                       {"resources", json::array({Pick({"pods", "deployments", "*"})})}}});
      if (Chance(2)) webhook["namespaceSelector"] = {{"matchLabels", {{"team", Pick({"red", "blue"})}}}};
      if (Chance(3)) webhook["objectSelector"] = {{"matchLabels", {{"app", AnyApp()}}}};
      object["webhooks"] = json::array({std::move(webhook)});
      break;
    }
  }
  return object;
}

}  // namespace seaworthy::testing
