// What only somebody who watches sees: who moved a template, when a container restarted.
#include <algorithm>

#include "cache/world_impl.h"

namespace seaworthy::cache {
namespace {

// How wrong the time of a restart may be that no status dates: the rules ask for an hour and a day.
constexpr std::int64_t kSlackSeconds = 600;

// When the container was last started: the newest restart, where there has been one.
Timestamp LastStart(const ContainerStatus& status) {
  if (status.running) return status.running_since;
  if (status.terminated->set()) return status.terminated->started;
  return status.last_terminated->started.set() ? status.last_terminated->started : status.last_terminated->finished;
}

// And the time before; unset where the status does not say so.
Timestamp StartBefore(const ContainerStatus& status) {
  return status.running || status.terminated->set() ? status.last_terminated->started : Timestamp();
}

// Pods are made anew and run the same: all that changed of the template is the time that `kubectl rollout restart`
// leaves, and other annotations that are not kept.
bool OnlyRestarts(const Workload& now, const Workload& before) {
  constexpr std::string_view kRestartedAt = "kubectl.kubernetes.io/restartedAt";
  const auto& annotations = now.template_annotations;
  const auto& earlier = before.template_annotations;
  if (annotations.Get(kRestartedAt) == earlier.Get(kRestartedAt)) return false;
  const auto same_but_for_it = [&](const Labels& a, const Labels& b) {
    return std::all_of(a.begin(), a.end(), [&](const KeyValue& one) {
      return one.key == kRestartedAt || b.Get(one.key) == one.value.view();
    });
  };
  return now.spec != nullptr && before.spec != nullptr && now.spec->hash == before.spec->hash &&
         now.template_labels == before.template_labels && same_but_for_it(annotations, earlier) &&
         same_but_for_it(earlier, annotations);
}

RestartEvidence::Series& SeriesOf(RestartEvidence& evidence, const Pod& pod, const Text& container) {
  for (RestartEvidence::Series& series : evidence.series) {
    if (series.pod == pod.meta.uid && series.container == container) return series;
  }
  return evidence.series.emplace_back(RestartEvidence::Series{pod.meta.uid, container, {}, evidence.watched_since});
}

}  // namespace

void World::NoteDelivery(WorkloadRecord& record, const Workload& now, const Workload& before) const {
  if (now.template_hash == before.template_hash) return;
  record.delivery.reset();
  // After a gap there may have been several changes, and the entry that moved last need not be of the one that counts.
  if (TableOf(now.kind).gap) return;
  // The entry that moved: it owns something of the template and was not there, or not with this time, before. Times
  // have a resolution of one second, so of several the youngest counts.
  const FieldManager* moved = nullptr;
  for (const FieldManager& entry : now.meta.managers) {
    if (!entry.owns_template) continue;
    const bool known =
        std::find(before.meta.managers.begin(), before.meta.managers.end(), entry) != before.meta.managers.end();
    if (known) continue;
    if (moved == nullptr || entry.time > moved->time) moved = &entry;
  }
  if (moved == nullptr) return;  // the template changed and no entry says who did it: nothing was observed
  record.delivery = DeliveryEvidence{moved->name, moved->subresource, moved->apply,
                                     moved->time, now.template_hash,  OnlyRestarts(now, before)};
}

// A gap takes nothing away here: a pod that is known on both sides of it shows by its counts what happened in between,
// and one that was not known has its counts noted when it is seen first.
void World::WatchPods(Timestamp since) {
  pods_since_ = since;
  if (!since.set()) return;
  for (auto& [key, record] : records_) {
    record->restarts.emplace().watched_since = since;
    TouchSubject(record->subject, {Kind::kPod});
  }
}

// A pod that comes later, or comes from somewhere else, brings restarts that nobody here has dated.
void World::NotePod(WorkloadRecord& record, const Pod& pod) const {
  if (!record.restarts || record.restarts->watched_since == now_) return;
  for (const ContainerStatus& status : pod.containers) {
    if (status.restarts > 0) SeriesOf(*record.restarts, pod, status.name).complete_since = now_;
  }
}

// Keeps what the pod's status shows now and will not show for long: it changes, or the pod goes.
void World::NoteIncidents(WorkloadRecord& record, const Pod& before) {
  if (!record.restarts) return;
  using Incident = RestartEvidence::Incident;
  const auto note = [&](Incident::What what, const Text& container, Timestamp time) {
    if (!time.set()) return;
    std::vector<Incident>& incidents = record.restarts->incidents;
    const auto known = std::find_if(incidents.begin(), incidents.end(), [&](const Incident& one) {
      return one.what == what && one.container == container && one.revision == before.template_hash_label;
    });
    if (known != incidents.end()) {
      if (known->time >= time) return;
      known->time = time;
      return Keep(record);
    }
    if (incidents.size() == RestartEvidence::kKeptIncidents) {
      incidents.erase(std::min_element(incidents.begin(), incidents.end(),
                                       [](const Incident& a, const Incident& b) { return a.time < b.time; }));
    }
    incidents.push_back({what, container, before.template_hash_label, time});
    Keep(record);
  };
  for (const ContainerStatus& status : before.containers) {
    for (const Terminated* end : {&*status.terminated, &*status.last_terminated}) {
      if (end->reason == "OOMKilled") note(Incident::What::kOutOfMemory, status.name, end->finished);
    }
  }
  if (before.evicted_for_storage) note(Incident::What::kStorageEviction, {}, before.EndedAt());
}

void World::NoteRestarts(WorkloadRecord& record, const Pod& now, const Pod& before) const {
  if (!record.restarts) return;
  for (const ContainerStatus& status : now.containers) {
    const auto earlier = std::find_if(before.containers.begin(), before.containers.end(),
                                      [&](const ContainerStatus& old) { return old.name == status.name; });
    const std::int32_t seen = status.restarts - (earlier == before.containers.end() ? 0 : earlier->restarts);
    if (seen <= 0) continue;
    RestartEvidence::Series& series = SeriesOf(*record.restarts, now, status.name);
    const Timestamp newest = LastStart(status).set() ? LastStart(status) : now_;
    const Timestamp second = seen > 1 ? StartBefore(status) : Timestamp();
    // A kubelet that could not report for a while reports several restarts at once. The status dates two of them; the
    // rest happened between these and what was known before.
    const std::int32_t undated = seen - (second.set() ? 2 : 1);
    if (undated > 0) {
      const Timestamp after = second.set() ? second : newest;
      const Timestamp floor = earlier == before.containers.end() ? Timestamp() : LastStart(*earlier);
      if (floor.set() && after.seconds - floor.seconds <= kSlackSeconds) {
        series.times.insert(series.times.end(),
                            static_cast<std::size_t>(std::min<std::int32_t>(undated, RestartEvidence::kKept)), floor);
      } else {
        series.times.clear();
        series.complete_since = after;
      }
    }
    if (second.set()) series.times.push_back(second);
    series.times.push_back(newest);
    if (series.times.size() > RestartEvidence::kKept) {
      series.times.erase(series.times.begin(),
                         series.times.end() - static_cast<std::ptrdiff_t>(RestartEvidence::kKept));
    }
  }
}

}  // namespace seaworthy::cache
