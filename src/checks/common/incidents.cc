#include "checks/common/incidents.h"

#include <algorithm>
#include <map>

namespace seaworthy::checks {

std::vector<Incident> RecentIncidents(const Context& context, RestartEvidence::Incident::What what,
                                      std::int64_t seconds) {
  using What = RestartEvidence::Incident::What;
  const bool any_revision =
      context.workload().workload_class == WorkloadClass::kCronJob || context.record().current_revision.empty();
  std::map<Text, Timestamp> newest;
  const auto note = [&](const Text& container, const Text& revision, Timestamp time) {
    if (!any_revision && !revision.empty() && revision != context.record().current_revision) return;
    if (!time.set() || time.seconds + seconds <= context.now_seconds()) return;
    Timestamp& known = newest[container];
    known = std::max(known, time);
  };
  for (const Pod* pod : context.Pods()) {
    if (what == What::kStorageEviction) {
      if (pod->evicted_for_storage) note(Text(), pod->template_hash_label, pod->EndedAt());
      continue;
    }
    for (const ContainerStatus& status : pod->containers) {
      for (const Terminated* end : {&*status.terminated, &*status.last_terminated}) {
        if (end->reason == "OOMKilled") note(status.name, pod->template_hash_label, end->finished);
      }
    }
  }
  if (const RestartEvidence* evidence = context.Restarts()) {
    for (const RestartEvidence::Incident& seen : evidence->incidents) {
      if (seen.what == what) note(seen.container, seen.revision, seen.time);
    }
  }
  std::vector<Incident> incidents;
  for (const auto& [container, time] : newest) incidents.push_back({container, time});
  return incidents;
}

Timestamp ForgottenAt(const std::vector<Incident>& incidents, std::int64_t seconds) {
  Timestamp last;
  for (const Incident& incident : incidents) last = std::max(last, incident.time);
  return last.set() ? Timestamp{last.seconds + seconds} : Timestamp();
}

}  // namespace seaworthy::checks
