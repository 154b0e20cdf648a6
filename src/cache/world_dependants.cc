// Who declares to depend on whom (seaworthy.dev/depends-on), and which Jobs are smoke tests of whom
// (seaworthy.dev/smoke-test-of).
#include <algorithm>

#include "cache/world_impl.h"

namespace seaworthy::cache {
namespace {

constexpr std::string_view kSmokeTestOf = "seaworthy.dev/smoke-test-of";

const Text& NamespaceOf(const Capacity::Dependency& dependency, const WorkloadRecord& record) {
  return dependency.namespace_.empty() ? record.workload->meta.namespace_ : dependency.namespace_;
}

// "web", or "deployment.web" where several kinds have that name: a label's value has no slash.
bool IsNamed(std::string_view value, const Workload& workload) {
  const std::string_view kind = workload.kind_name, name = workload.meta.name;
  if (value == name) return true;
  if (value.size() != kind.size() + 1 + name.size() || value[kind.size()] != '.' ||
      value.substr(kind.size() + 1) != name)
    return false;
  return std::equal(kind.begin(), kind.end(), value.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

}  // namespace

void World::JoinDependencies(WorkloadRecord& record, const Capacity* capacity) {
  if (capacity == nullptr) return;
  for (const Capacity::Dependency& dependency : capacity->depends_on) {
    const OwnerKey key{dependency.kind, NamespaceOf(dependency, record), dependency.name};
    std::vector<WorkloadRecord*>& dependants = dependants_[key];
    if (std::find(dependants.begin(), dependants.end(), &record) == dependants.end()) dependants.push_back(&record);
    WorkloadRecord* target = FindRecord(key.kind, key.namespace_, key.name);
    if (target == nullptr) continue;
    InsertSorted(target->dependants, static_cast<const WorkloadRecord*>(&record), ByWorkload());
    TouchSubject(target->subject, kWorkloadKinds);
  }
}

void World::LeaveDependencies(WorkloadRecord& record, const Capacity* capacity) {
  if (capacity == nullptr) return;
  for (const Capacity::Dependency& dependency : capacity->depends_on) {
    const OwnerKey key{dependency.kind, NamespaceOf(dependency, record), dependency.name};
    const auto found = dependants_.find(key);
    if (found == dependants_.end()) continue;  // named twice
    std::erase(found->second, &record);
    if (found->second.empty()) dependants_.erase(found);
    WorkloadRecord* target = FindRecord(key.kind, key.namespace_, key.name);
    if (target == nullptr) continue;
    EraseSorted(target->dependants, static_cast<const WorkloadRecord*>(&record), ByWorkload());
    TouchSubject(target->subject, kWorkloadKinds);
  }
}

// `before`: what it declared. Whoever it names counts its replicas, too.
void World::ChangeDependencies(WorkloadRecord& record, const Capacity* before) {
  const Capacity* now = record.workload->capacity.get();
  const bool same = before == now || (before != nullptr && now != nullptr && *before == *now);
  if (same) {
    TouchDependencies(record, kWorkloadKinds);
    return;
  }
  LeaveDependencies(record, before);
  JoinDependencies(record, now);
  TouchDependants(record);
}

void World::TouchDependencies(const WorkloadRecord& record, KindSet kinds) {
  if (record.workload->capacity == nullptr) return;
  for (const Capacity::Dependency& dependency : record.workload->capacity->depends_on) {
    const WorkloadRecord* target = FindRecord(dependency.kind, NamespaceOf(dependency, record), dependency.name);
    if (target != nullptr) TouchSubject(target->subject, kinds);
  }
}

// It is new: others may have named it before it was there.
void World::MeetDependants(WorkloadRecord& record) {
  const auto found =
      dependants_.find({record.workload->kind_name, record.workload->meta.namespace_, record.workload->meta.name});
  if (found == dependants_.end()) return;
  record.dependants.assign(found->second.begin(), found->second.end());
  std::sort(record.dependants.begin(), record.dependants.end(), ByWorkload());
  TouchDependants(record);
}

void World::TouchDependants(const WorkloadRecord& record) {
  for (const WorkloadRecord* dependant : record.dependants) TouchSubject(dependant->subject, kWorkloadKinds);
}

// A Job came, or changed.
void World::ListSmokeTest(const Workload& job) {
  if (job.kind != Kind::kJob) return;
  NamespaceEntry& ns = Ns(job.meta.namespace_);
  EraseSorted(ns.smoke_tests, &job, ByKey());
  if (!job.meta.labels.Has(kSmokeTestOf)) return;
  InsertSorted(ns.smoke_tests, &job, ByKey());
  for (WorkloadRecord* record : ns.workloads) {
    if (NoteSmokeTest(*record, job)) TouchSubject(record->subject, {Kind::kJob});
  }
}

bool World::NoteSmokeTest(WorkloadRecord& record, const Workload& job) {
  if ((!job.job_complete && !job.job_failed) || !IsNamed(job.meta.labels.Get(kSmokeTestOf), *record.workload))
    return false;
  SmokeTestEvidence seen{job.meta.name, job.job_completed, job.job_complete};
  if (const Condition* end = FindCondition(job.status.conditions, job.job_complete ? "Complete" : "Failed");
      end != nullptr && !seen.ended.set())
    seen.ended = end->since;
  // Of one second the first by name counts, whichever was heard of first.
  const auto newer = [](const SmokeTestEvidence& a, const SmokeTestEvidence& b) {
    return a.ended == b.ended ? a.job < b.job : a.ended > b.ended;
  };
  if (record.smoke_test && !newer(seen, *record.smoke_test)) return false;
  record.smoke_test = std::move(seen);
  Keep(record);
  return true;
}

}  // namespace seaworthy::cache
