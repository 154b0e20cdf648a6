// What only the files of World share.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cache/sorted.h"
#include "cache/world.h"

namespace seaworthy::cache {

// A namespace's record with what the snapshot does not show. Entries live while anything names the namespace.
struct World::NamespaceEntry : NamespaceRecord {
  std::map<Text, std::unique_ptr<ServiceRecord>> service_by_name;
  std::map<Text, std::unique_ptr<BudgetRecord>> budget_by_name;
  std::unordered_map<Text, seaworthy::List<const EndpointSlice*>> slices_by_service;
  std::vector<const Workload*> smoke_tests;  // Jobs
  std::size_t users = 0;                     // objects in it

  bool unused() const { return object == nullptr && users == 0 && workloads.empty(); }
};

// By kind, then name: the order of workloads in every list.
struct ByWorkload {
  bool operator()(const WorkloadRecord* a, const WorkloadRecord* b) const {
    const Workload& x = *a->workload;
    const Workload& y = *b->workload;
    if (x.meta.namespace_ != y.meta.namespace_) return x.meta.namespace_ < y.meta.namespace_;
    return x.kind_name == y.kind_name ? x.meta.name < y.meta.name : x.kind_name < y.kind_name;
  }
};

struct ByServiceName {
  bool operator()(const ServiceRecord* a, const ServiceRecord* b) const {
    return a->service->meta.name < b->service->meta.name;
  }
};
struct ByBudgetName {
  bool operator()(const BudgetRecord* a, const BudgetRecord* b) const {
    return a->budget->meta.name < b->budget->meta.name;
  }
};

// The kinds whose objects are subjects by themselves, when nothing owns them.
constexpr bool IsWorkloadKind(Kind kind) {
  return kind == Kind::kDeployment || kind == Kind::kStatefulSet || kind == Kind::kDaemonSet ||
         kind == Kind::kCronJob || kind == Kind::kReplicaSet || kind == Kind::kJob;
}
// ReplicaSets and Jobs hang under an owner, where they have one.
constexpr bool IsChildKind(Kind kind) { return kind == Kind::kReplicaSet || kind == Kind::kJob; }

// What a change of a workload's own object is noted as.
inline KindSet OwnKind(const Workload& workload) { return {workload.kind}; }

// Several kinds in one list.
struct ByKindAndKey {
  bool operator()(const Object* a, const Object* b) const {
    return a->kind == b->kind ? ByKey()(a, b) : a->kind < b->kind;
  }
};

constexpr bool IsServiceMonitorKind(Kind kind) {
  return kind == Kind::kServiceMonitor || kind == Kind::kVmServiceScrape;
}
constexpr bool IsPodMonitorKind(Kind kind) {
  return kind == Kind::kPodMonitor || kind == Kind::kVmPodScrape || kind == Kind::kPodMonitoring ||
         kind == Kind::kClusterPodMonitoring;
}

constexpr std::string_view kMaintenancePage = "maintenance-page";
inline bool IsMaintenancePage(const Labels& labels) {
  return labels.Get("app.kubernetes.io/component") == kMaintenancePage;
}

// Keeps the alphabetically first kMaxSelecting, so that what is kept does not depend on the order of arrival.
template <typename T>
void World::AddSelecting(SelectingList<T>& list, const T* item) {
  InsertSorted(list.items, item, ByKey());
  if (list.items.size() > kMaxSelecting) {
    list.items.pop_back();
    list.truncated = true;
  }
}

inline constexpr KindSet kWorkloadKinds = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
                                           Kind::kReplicaSet};

}  // namespace seaworthy::cache
