// TransitionWatch: what turned, and who changed a workload by hand, from the engine to counters and events.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "score/engine.h"
#include "seaworthy/sink.h"
#include "sinks/events/event_writer.h"
#include "sinks/metrics/collector.h"

namespace seaworthy::wiring {

// On the core loop. All outlive it.
class TransitionWatch final : public Sink {
 public:
  TransitionWatch(const Snapshot& snapshot, const score::Engine& engine, sinks::metrics::Collector& collector)
      : snapshot_(snapshot), engine_(engine), collector_(collector) {}

  // nullptr: no events, as for a replica that does not lead.
  void SetEvents(sinks::events::EventWriter* events) { events_ = events; }
  // From here on a delivery that was not known is news; before, it is what was on record.
  void SetReady() { ready_ = true; }

  void Publish(const WorkloadReport& report) override;
  void Publish(const NamespaceReport&) override {}
  void Publish(const NodeReport&) override {}
  void Publish(const ClusterReport&) override {}
  void Remove(std::uint32_t subject) override { delivered_.erase(subject); }

 private:
  void NoteDelivery(const WorkloadReport& report);

  const Snapshot& snapshot_;
  const score::Engine& engine_;
  sinks::metrics::Collector& collector_;
  sinks::events::EventWriter* events_ = nullptr;
  bool ready_ = false;
  std::unordered_map<std::uint32_t, std::uint64_t>
      delivered_;  // the template that the last known delivery made, by subject
};

}  // namespace seaworthy::wiring
