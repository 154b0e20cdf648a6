// What only somebody who watches sees: who moved a template, when a container restarted.
#include <algorithm>

#include "cache/world_impl.h"

namespace seaworthy::cache {

void World::NoteDelivery(WorkloadRecord& record, const Workload& now, const Workload& before) {
  if (now.template_hash == before.template_hash) return;
  // The entry that moved: it owns something of the template and was not there, or not with this time, before. Times have a resolution of
  // one second, so of several the youngest counts.
  const FieldManager* moved = nullptr;
  for (const FieldManager& entry : now.meta.managers) {
    if (!entry.owns_template) continue;
    const bool known = std::find(before.meta.managers.begin(), before.meta.managers.end(), entry) != before.meta.managers.end();
    if (known) continue;
    if (moved == nullptr || entry.time > moved->time) moved = &entry;
  }
  if (moved == nullptr) return;  // the template changed and no entry says who did it: nothing was observed
  record.delivery = DeliveryEvidence{moved->name, moved->subresource, moved->apply, moved->time};
}

void World::NoteRestarts(WorkloadRecord& record, const Pod& now, const Pod& before) {
  for (const ContainerStatus& status : now.containers) {
    const auto earlier = std::find_if(before.containers.begin(), before.containers.end(),
                                      [&](const ContainerStatus& old) { return old.name == status.name; });
    if (earlier == before.containers.end() || status.restarts <= earlier->restarts) continue;
    Timestamp when = status.running_since.set() ? status.running_since : status.last_terminated.finished;
    if (!when.set()) continue;
    if (!record.restarts) record.restarts.emplace();
    auto series = std::find_if(record.restarts->series.begin(), record.restarts->series.end(), [&](const RestartEvidence::Series& known) {
      return known.pod == now.meta.uid && known.container == status.name;
    });
    if (series == record.restarts->series.end()) {
      record.restarts->series.push_back({now.meta.uid, status.name, {}});
      series = std::prev(record.restarts->series.end());
    }
    series->times.push_back(when);
    if (series->times.size() > RestartEvidence::kKept) series->times.erase(series->times.begin());
  }
}

}  // namespace seaworthy::cache
