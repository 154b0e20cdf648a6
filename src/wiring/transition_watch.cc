#include "wiring/transition_watch.h"

#include <algorithm>

#include "checks/delivery/managers.h"

namespace seaworthy::wiring {

void TransitionWatch::Publish(const WorkloadReport& report) {
  const std::size_t fresh = std::min(report.fresh_transitions, report.transitions.size());
  for (const Transition& transition : report.transitions.last(fresh)) {
    if (!IsRegression(transition)) continue;
    collector_.CountRegression(report.subject, *transition.check, CauseName(transition.cause),
                               WallTime(std::chrono::seconds(transition.when.seconds)));
  }
  if (events_ != nullptr && fresh != 0) events_->Note(report);
  NoteDelivery(report);
}

void TransitionWatch::NoteDelivery(const WorkloadReport& report) {
  const SubjectRef ref = snapshot_.Subject(report.subject);
  if (ref.workload == nullptr || !ref.workload->delivery) return;
  const DeliveryEvidence& delivery = *ref.workload->delivery;
  const auto [at, fresh] = delivered_.try_emplace(report.subject, delivery.template_hash);
  const bool changed = std::exchange(at->second, delivery.template_hash) != delivery.template_hash;
  if (!ready_ || !(fresh || changed)) return;
  if (checks::KindOfManager(delivery.manager, &engine_.policy().managers()) != checks::ManagerKind::kInteractive)
    return;
  collector_.CountManualChange(report.subject);
  if (events_ != nullptr) events_->NoteManualChange(report, delivery.manager);
}

}  // namespace seaworthy::wiring
