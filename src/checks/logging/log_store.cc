#include <algorithm>
#include <iterator>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/known_images.h"

namespace seaworthy::checks {
namespace {

bool SaysLogs(std::string_view name) {
  while (!name.empty()) {
    const std::string_view word = name.substr(0, name.find('-'));
    if (std::find(std::begin(kLogWords), std::end(kLogWords), word) != std::end(kLogWords)) return true;
    if (std::any_of(std::begin(kLogWordsBegin), std::end(kLogWordsBegin),
                    [&](std::string_view begin) { return word.starts_with(begin); }))
      return true;
    name.remove_prefix(std::min(word.size() + 1, name.size()));
  }
  return false;
}

const KnownImage* StoreOf(const Workload& workload) {
  if (const KnownImage* store = FindKnownImage(workload, kLogStores)) return store;
  if (!SaysLogs(workload.meta.name) && !SaysLogs(workload.meta.namespace_)) return nullptr;
  return FindKnownImage(workload, kSearchStores);
}

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows what runs in it");
  // The workloads of all namespaces are read through their namespaces: the kinds have to be noted by hand.
  for (const Kind kind : {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kReplicaSet, Kind::kPod})
    (void)context.State(kind);
  const WorkloadRecord* down = nullptr;
  for (const NamespaceRecord* ns : context.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      const KnownImage* store = StoreOf(*record->workload);
      if (store == nullptr) continue;
      if (IsAvailable(*record->workload)) return Outcome::Pass(NameOf(*record) + " is " + std::string(store->name));
      if (down == nullptr) down = record;
    }
  }
  if (down != nullptr) return Outcome::Fail(NameOf(*down) + " stores logs and is not available");
  return Outcome::Unknown(UnknownCause::kNotDeclared,
                          "no store of logs is seen in the cluster: attest where logs are kept");
}

}  // namespace

constinit const Check kLogStore = {
    .id = "log-store",
    .title = "Logs are kept in one place",
    .section = Section::kLogging,
    .severity = Severity::kMedium,
    .subject = SubjectType::kCluster,
    .attestable = true,
    .max_days = 180,
    .holds = true,
    .rule =
        "Passes when a known store of logs (Loki, Elasticsearch, OpenSearch, Graylog, VictoriaLogs, ...) runs in the "
        "cluster and is available; Elasticsearch and other databases only where a word of their name or namespace says "
        "that they are for logs (log, logging, elk, efk, observability, monitoring, ...). Fails when one runs and none "
        "is available for 10 minutes. Unknown where none is seen, as most stores are services elsewhere, and in a "
        "scan.",
    .why =
        "Logs of ten pods on five nodes help only where they can be searched together, and longer than the pods live.",
    .fix =
        "Send the collector's logs to a store with retention and alerts, and attest it where it is outside the "
        "cluster.",
    .source = "S. Logging: central log management",
    .aged = "The article's stable/elastic-stack chart is gone; any store will do.",
    .traps = "How long logs are kept, and whether any arrive, is not seen.",
    .reads = {Kind::kNamespace, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kReplicaSet, Kind::kPod},
    .needs = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet},
    .run = Run,
};

}  // namespace seaworthy::checks
