// Replica: what the operator does with the core's evaluation. Exports it, and, while it holds the lease, writes
// reports, statuses and events.
//
// No process around it: `run` gives it real loops and transports (operator.cc), the simulation virtual ones
// (tests/sim). All on the core's executor, at which the transport calls back. The parts outlive it, but for the core,
// which goes first: its engine keeps a replica as its sinks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "seaworthy/clock.h"
#include "seaworthy/transport.h"
#include "sinks/events/event_writer.h"
#include "sinks/metrics/collector.h"
#include "sinks/people/status_writer.h"
#include "sinks/report/writer.h"
#include "wiring/core.h"
#include "wiring/leader.h"
#include "wiring/transition_watch.h"

namespace seaworthy::wiring {

struct ReplicaOptions {
  bool leader_elect = true;  // else it leads from the start, and nobody else may run
  std::string leader_namespace = "seaworthy", leader_name = "seaworthy";
  std::string instance = "seaworthy";  // the pod's name
  std::string identity;                // empty: made from the instance and a random part
  bool write_reports = true;
  bool open_reports = false;  // and Reports of openreports.io
};

struct ReplicaParts {
  Core& core;
  sinks::metrics::Collector& collector;
  Transport& transport;
  Executor& executor;
  const Clock& clock;
  Rng& rng;
};

class Replica {
 public:
  Replica(ReplicaOptions options, ReplicaParts parts);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Hooks, to be set before Start.
  std::function<void()> on_ready;  // the initial audit is complete
  std::function<void(bool leading)> on_leadership;

  // Before the first watch event.
  void Start();
  // Lets the writes under way end, and gives the lease back; then calls `settled`. Nothing is written after it.
  void Stop(std::function<void()> settled);
  // Takes its hooks out of the core, which may then go.
  void Detach();

  const std::string& identity() const { return options_.identity; }
  bool MayWrite() const { return elector_ == nullptr ? !options_.leader_elect : elector_->MayWrite(); }
  // Of audits and Reports together, but for the objects and subjects, which are those of audits.
  sinks::report::WriterStats ReportStats() const;
  // nullptr without reports.
  const sinks::report::Writer* writer() const { return writer_.get(); }

 private:
  void OnReady();
  void OnLeadership(bool leading);
  void OnPeople(std::span<const score::PersonReport> reports);
  void OnOwnObject(const WatchEvent& event, const Object* object);
  void LookWhetherReportsAreServed();
  sinks::report::WriterHooks HooksOfAWriter();

  ReplicaOptions options_;
  const ReplicaParts parts_;
  bool ready_ = false;
  std::unique_ptr<sinks::report::Writer> writer_, open_report_writer_;
  std::unique_ptr<sinks::people::StatusWriter> status_writer_;
  std::unique_ptr<sinks::events::EventWriter> event_writer_;
  TransitionWatch transitions_;
  std::unique_ptr<Elector> elector_;
  std::set<std::tuple<sinks::metrics::MetricId, std::string, std::string>> ending_;  // what the expiry metrics name
  std::map<Kind, std::set<std::pair<std::string, std::string>>> listed_;
};

}  // namespace seaworthy::wiring
