// What only somebody who watches sees of a workload's pods: whether enough of them served while it was rolled out, what
// became of the others when one went away, how they ended.
//
// Nothing is concluded from what was not seen. A snapshot, a source that is denied or absent, a scale change and a lost
// node void what is being observed; what was observed before stays.
#include <algorithm>
#include <unordered_set>

#include "cache/world_impl.h"
#include "seaworthy/rolling_update.h"

namespace seaworthy::cache {
namespace {

constexpr std::int64_t kReplacedWithin = 300;  // CHECKLIST: max(5 min, 3 x usual start)
constexpr std::int64_t kStartsAllowed = 3;

bool IsThere(const Pod& pod) { return !pod.meta.deleted.set() && !pod.IsTerminal(); }

std::int32_t Count(const List<const Pod*>& pods, bool (*counts)(const Pod&)) {
  return static_cast<std::int32_t>(
      std::count_if(pods.begin(), pods.end(), [counts](const Pod* pod) { return counts(*pod); }));
}

// As `kubectl rollout status` decides it (polymorphichelpers DeploymentStatusViewer, StatefulSetStatusViewer).
bool RolledOut(const Workload& workload) {
  const WorkloadStatus& status = workload.status;
  if (status.observed_generation.value_or(0) < workload.meta.generation) return false;
  const std::int64_t desired = workload.replicas.value_or(1), updated = status.updated.value_or(0);
  if (workload.workload_class == WorkloadClass::kStatefulSet) {
    const std::int64_t partition = std::max<std::int64_t>(workload.partition.value_or(0), 0);
    return updated >= desired - partition && status.available.value_or(0) >= desired;
  }
  return updated >= desired && status.replicas.value_or(0) <= updated && status.available.value_or(0) >= updated;
}

// Whether pods come and go because their controller replaces a revision by another.
bool InRollout(const WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  const WorkloadStatus& status = workload.status;
  switch (workload.workload_class) {
    case WorkloadClass::kDeployment:
      return status.observed_generation.value_or(0) < workload.meta.generation ||
             status.updated.value_or(0) < workload.replicas.value_or(1) ||
             status.replicas.value_or(0) > status.updated.value_or(0);
    case WorkloadClass::kStatefulSet:
      return status.observed_generation.value_or(0) < workload.meta.generation ||
             status.update_revision != status.current_revision;
    default:
      if (record.current_revision.empty()) return false;
      return std::any_of(record.pods.begin(), record.pods.end(), [&](const Pod* pod) {
        return IsThere(*pod) && pod->template_hash_label != record.current_revision;
      });
  }
}

Text RevisionOf(const WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  if (workload.workload_class == WorkloadClass::kDeployment) return workload.revision;
  return workload.workload_class == WorkloadClass::kStatefulSet ? workload.status.update_revision
                                                                : record.current_revision;
}

// How long its pods take from their creation until they are ready: the median of those that are; 0 when none is.
std::int64_t UsualStart(const WorkloadRecord& record) {
  std::vector<std::int64_t> starts;
  for (const Pod* pod : record.pods) {
    const Condition* ready = FindCondition(pod->conditions, "Ready");
    if (ready == nullptr || !ready->is_true() || !pod->meta.created.set()) continue;
    if (ready->since >= pod->meta.created) starts.push_back(ready->since.seconds - pod->meta.created.seconds);
  }
  if (starts.empty()) return 0;
  const auto middle = starts.begin() + static_cast<std::ptrdiff_t>(starts.size() / 2);
  std::nth_element(starts.begin(), middle, starts.end());
  return *middle;
}

AvailabilityEvidence& EvidenceOf(WorkloadRecord& record) {
  if (record.availability == nullptr) record.availability = std::make_unique<AvailabilityEvidence>();
  return *record.availability;
}

// What has been seen to fall stays seen, though nobody saw the end.
void GiveUp(AvailabilityEvidence& evidence) {
  if (evidence.current && evidence.current->Fell()) evidence.last = std::move(evidence.current);
  evidence.current.reset();
}

// Losses of which the end was not seen; what has been judged stays.
std::size_t DropOpen(AvailabilityEvidence& evidence, Timestamp now) {
  return std::erase_if(evidence.losses,
                       [now](const PodLoss& loss) { return !loss.replaced.set() && !loss.Decided(now.seconds); });
}

const ContainerStatus* StatusOf(const Pod& pod, const Text& container) {
  for (const ContainerStatus& status : pod.containers) {
    if (status.name == container && !status.init) return &status;
  }
  return nullptr;
}

}  // namespace

bool World::Serves(const Pod& pod) { return pod.IsReady() && !pod.meta.deleted.set() && !pod.IsTerminal(); }

bool World::Observing() const { return mode_ == Mode::kCluster && pods_since_.set() && !replacing_; }

// Ready, non-terminating endpoints of the workload in the one of `services` that has the fewest; without any, ready
// pods. nullopt: none of these Services selects it any more, or nobody knows its endpoints.
std::optional<std::int32_t> World::CountServing(const WorkloadRecord& record, const std::vector<Text>& services) const {
  if (services.empty()) return Count(record.pods, &World::Serves);
  if (State(Kind::kEndpointSlice) != SourceState::kLive) return std::nullopt;
  const auto& ns = static_cast<const NamespaceEntry&>(*record.ns);
  std::optional<std::int32_t> fewest;
  for (const Text& name : services) {
    const auto found = ns.service_by_name.find(name);
    if (found == ns.service_by_name.end()) continue;
    const ServiceRecord& service = *found->second;
    if (std::find(service.workloads.begin(), service.workloads.end(), &record) == service.workloads.end()) continue;
    const bool alone = service.workloads.size() == 1;
    std::unordered_set<Text> pods;  // a pod may stand in a slice for each address family
    for (const EndpointSlice* slice : service.slices) {
      for (const Endpoint& endpoint : slice->endpoints) {
        // With publishNotReadyAddresses `ready` is always true, and `serving` says what the pod's readiness is.
        const bool ready = service.service->publish_not_ready ? endpoint.serving : endpoint.ready;
        if (endpoint.terminating || !ready || endpoint.pod.empty()) continue;
        if (!alone) {
          const auto* pod = static_cast<const Pod*>(Find(Kind::kPod, {record.workload->meta.namespace_, endpoint.pod}));
          // Pods are told on another stream: of one that is not known yet the name has to do.
          const bool own = pod != nullptr ? pod->workload == &record
                                          : endpoint.pod.view().starts_with(record.workload->meta.name.str() + "-");
          if (!own) continue;
        }
        pods.insert(endpoint.pod);
      }
    }
    const auto count = static_cast<std::int32_t>(pods.size());
    fewest = fewest ? std::min(*fewest, count) : count;
  }
  return fewest;
}

// `ready_before`: what the controller had counted last.
void World::BeginRollout(WorkloadRecord& record, std::int64_t ready_before) {
  const Workload& workload = *record.workload;
  AvailabilityEvidence& evidence = EvidenceOf(record);
  GiveUp(evidence);
  // Pods that went away a moment ago were told of before the change that made them go.
  DropOpen(evidence, now_);
  RolloutEvidence rollout;
  for (const Service* service : record.services.items) rollout.services.push_back(service->meta.name);
  const std::optional<std::int32_t> ready = CountServing(record, rollout.services);
  if (!ready) return;
  rollout.at_start = *ready;
  if (rollout.at_start == 0 && rollout.services.empty())
    rollout.at_start = static_cast<std::int32_t>(std::clamp<std::int64_t>(ready_before, 0, 1'000'000));
  if (rollout.at_start == 0) return;  // the first rollout, or one out of an outage: there is nothing to keep
  const std::int64_t desired =
      workload.workload_class == WorkloadClass::kOther ? rollout.at_start : workload.replicas.value_or(1);
  rollout.desired = static_cast<std::int32_t>(std::clamp<std::int64_t>(desired, 0, 1'000'000));
  // Of a controller that is not Kubernetes' own nobody knows how many it may take away: one has to stay.
  const bool all_may_go =
      workload.workload_class == WorkloadClass::kOther || workload.strategy == StrategyType::kRecreate;
  const Fenceposts posts = all_may_go ? Fenceposts{.surge = 0, .unavailable = 0, .invalid = true}
                                      : ResolveFenceposts(workload, rollout.desired);
  rollout.unavailable = posts.invalid ? rollout.desired : static_cast<std::int32_t>(posts.unavailable);
  rollout.revision = RevisionOf(record);
  rollout.started = rollout.lowest_at = now_;
  rollout.lowest = *ready;
  rollout.endpoints = !rollout.services.empty();
  evidence.current = std::move(rollout);
}

// The workload's own object changed.
void World::NoteRollout(WorkloadRecord& record, const Workload& now, const Workload& before) {
  if (now.workload_class != WorkloadClass::kDeployment && now.workload_class != WorkloadClass::kStatefulSet) return;
  AvailabilityEvidence* evidence = record.availability.get();
  if (evidence != nullptr && now.replicas.value_or(1) != before.replicas.value_or(1)) {
    GiveUp(*evidence);
    DropOpen(*evidence, now_);
  }
  if (now.template_hash != before.template_hash) {
    if (Observing()) {
      BeginRollout(record, before.status.ready.value_or(0));
    } else if (evidence != nullptr) {
      GiveUp(*evidence);
    }
    return;
  }
  if (evidence == nullptr || !evidence->current) return;
  RolloutEvidence& rollout = *evidence->current;
  rollout.revision = RevisionOf(record);
  if (now.paused) {  // nothing is rolled out yet: what happens meanwhile is not its doing
    const std::optional<std::int32_t> ready = CountServing(record, rollout.services);
    if (!ready || *ready == 0) return GiveUp(*evidence);
    rollout.at_start = rollout.lowest = *ready;
    rollout.started = rollout.lowest_at = now_;
  } else if (RolledOut(now)) {
    EndRollout(record);
  }
}

void World::EndRollout(WorkloadRecord& record) {
  AvailabilityEvidence& evidence = *record.availability;
  evidence.current->ended = now_;
  evidence.current->services = {};
  evidence.last = std::move(evidence.current);
  evidence.current.reset();
  Keep(record);
  TouchSubject(record.subject, {Kind::kPod}, true);
}

// The current revision of pods of another controller changed, which its newest pod says.
void World::NoteRevision(WorkloadRecord& record, const Text& before) {
  if (record.workload->workload_class != WorkloadClass::kOther || before.empty() || record.current_revision.empty())
    return;
  if (Observing()) BeginRollout(record, 0);
}

// Its pods or their endpoints changed.
void World::Observe(WorkloadRecord& record) {
  if (record.availability == nullptr || !Observing()) return;
  AvailabilityEvidence& evidence = *record.availability;
  if (evidence.current && !record.workload->paused) {
    RolloutEvidence& rollout = *evidence.current;
    const std::optional<std::int32_t> ready = CountServing(record, rollout.services);
    if (!ready) {
      GiveUp(evidence);
    } else if (*ready < rollout.lowest) {
      rollout.lowest = *ready;
      rollout.lowest_at = now_;
      if (rollout.Fell()) {
        Keep(record);
        TouchSubject(record.subject, {Kind::kPod}, true);
      }
    }
    const bool own_controller = record.workload->workload_class == WorkloadClass::kOther;
    if (evidence.current && own_controller && !InRollout(record) &&
        Count(record.pods, &World::Serves) >= rollout.at_start)
      EndRollout(record);
  }
  if (evidence.losses.empty() || evidence.losses.back().replaced.set()) return;
  const std::int32_t ready = Count(record.pods, &World::Serves);
  for (PodLoss& loss : evidence.losses) {
    if (loss.replaced.set()) continue;
    if (ready < loss.others) {
      loss.others = ready;
      Keep(record);
      TouchSubject(record.subject, {Kind::kPod}, true);
    }
    if (ready >= loss.wanted) {
      loss.replaced = now_;
      Keep(record);
      TouchSubject(record.subject, {Kind::kPod}, true);
    }
  }
}

void World::ObserveService(const Text& ns, const Text& service) {
  const auto entry = namespaces_.find(ns);
  if (entry == namespaces_.end()) return;
  const auto found = entry->second->service_by_name.find(service);
  if (found == entry->second->service_by_name.end()) return;
  for (WorkloadRecord* record : found->second->workloads) Observe(*record);
}

// A pod that served does so no more: it was deleted or ended. What is unready may come back and is not meant.
void World::NoteLoss(WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  if (!Observing() || !workload.is_replicated()) return;
  if ((record.availability != nullptr && record.availability->current) || InRollout(record)) return;
  // One too many, as after a scale-down. Of other controllers nobody knows how many they want.
  const bool own_controller = workload.workload_class == WorkloadClass::kOther;
  const std::int32_t there = Count(record.pods, IsThere);
  if (!own_controller && there >= workload.replicas.value_or(1)) return;
  AvailabilityEvidence& evidence = EvidenceOf(record);
  const std::int32_t others = Count(record.pods, &World::Serves);
  PodLoss loss;
  loss.lost = now_;
  loss.others = others;
  loss.wanted = own_controller
                    ? others + 1
                    : static_cast<std::int32_t>(std::min<std::int64_t>(others + 1, workload.replicas.value_or(1)));
  loss.allowed_seconds = std::max(kReplacedWithin, kStartsAllowed * UsualStart(record));
  loss.sure = !own_controller;
  if (evidence.losses.size() == AvailabilityEvidence::kLosses) evidence.losses.erase(evidence.losses.begin());
  evidence.losses.push_back(loss);
  Keep(record);
  TouchSubject(record.subject, {Kind::kPod}, true);
}

// `now` may be what a deletion brought: the last word of a pod. Only what was asked to stop and got time to is meant.
void World::NoteStops(WorkloadRecord& record, const Pod& now, const Pod& before) {
  if (!Observing() || !now.meta.deleted.set() || now.spec == nullptr || now.reason == "Evicted") return;
  if (now.meta.deletion_grace_seconds.value_or(0) == 0 && before.meta.deletion_grace_seconds.value_or(0) == 0)
    return;  // by force
  for (const Container& container : record.workload->spec->containers) {
    if (container.role != ContainerRole::kMain) continue;
    const ContainerStatus* status = StatusOf(now, container.name);
    const ContainerStatus* earlier = StatusOf(before, container.name);
    if (status == nullptr || !status->terminated->set() || (earlier != nullptr && earlier->terminated->set())) continue;
    const Terminated& end = status->terminated;
    if (end.reason == "OOMKilled" || end.reason == "ContainerStatusUnknown") continue;
    // 128 + SIGTERM is the default action of the signal that asks to stop, 128 + SIGINT that of the other usual one.
    const bool clean = end.exit_code == 0 || end.exit_code == 143 || end.exit_code == 130;
    std::string& stops = EvidenceOf(record).stops;
    if (stops.size() == AvailabilityEvidence::kStops) stops.erase(0, 1);
    stops += end.exit_code == 137 ? AvailabilityEvidence::kKilled
             : clean              ? AvailabilityEvidence::kClean
                                  : AvailabilityEvidence::kError;
    Keep(record);
    TouchSubject(record.subject, {Kind::kPod}, true);
  }
}

// A pod's DELETED brings its last state, which may never have been told before.
void World::NoteLastWord(const Pod& pod) {
  const auto* known = static_cast<const Pod*>(Find(Kind::kPod, pod.key()));
  if (known != nullptr && known->workload != nullptr && known->meta.uid == pod.meta.uid)
    NoteStops(*known->workload, pod, *known);
}

// An object came, or its content changed: `before` is what it was, or the same.
void World::ObserveChange(const Object& now, const Object& before) {
  if (now.kind == Kind::kPod) {
    const auto& pod = static_cast<const Pod&>(now);
    if (&now == &before && pod.workload != nullptr) Observe(*pod.workload);
  } else if (now.kind == Kind::kEndpointSlice) {
    const Text& service = static_cast<const EndpointSlice&>(now).service;
    const Text& earlier = static_cast<const EndpointSlice&>(before).service;
    ObserveService(now.meta.namespace_, service);
    if (earlier != service) ObserveService(now.meta.namespace_, earlier);
  }
}

// The pod's content changed; its links are up to date.
void World::NoteChangeOfPod(Pod& now, const Pod& before) {
  WorkloadRecord* record = now.workload;
  if (record == nullptr) return;
  NoteStops(*record, now, before);
  if (Serves(before) && !IsThere(now)) {
    // Evicted or preempted in the midst of a rollout: that is not its doing.
    const Condition* disrupted = FindCondition(now.conditions, "DisruptionTarget");
    if (disrupted != nullptr && disrupted->is_true() && record->availability != nullptr) GiveUp(*record->availability);
    NoteLoss(*record);
  }
  if (Serves(before) != Serves(now) || IsThere(before) != IsThere(now)) Observe(*record);
}

// A node stopped answering or is gone: what its pods' workloads do now is not their rollout's doing.
void World::NoteNodeLoss(const NodeRecord& node) {
  for (const Pod* pod : node.pods) {
    if (pod->workload != nullptr && pod->workload->availability != nullptr) GiveUp(*pod->workload->availability);
  }
}

// Of this kind something may have happened that nobody saw.
void World::VoidObservations(Kind kind) {
  constexpr KindSet kSeenBy = {Kind::kPod,        Kind::kEndpointSlice, Kind::kService,
                               Kind::kDeployment, Kind::kStatefulSet,   Kind::kReplicaSet};
  if (!kSeenBy.Has(kind)) return;
  for (auto& [key, record] : records_) {
    if (record->availability == nullptr) continue;
    AvailabilityEvidence& evidence = *record->availability;
    GiveUp(evidence);
    if (DropOpen(evidence, now_) != 0) TouchSubject(record->subject, {Kind::kPod});
  }
}

}  // namespace seaworthy::cache
