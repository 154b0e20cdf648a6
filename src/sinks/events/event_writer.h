// EventWriter: says in the events of a workload's namespace that checks turned: `kubectl describe` and `kubectl events`
// show it beside what everybody else says of the workload.
//
// Never states, only turns, and none whose cause is the checklist: an upgrade is no news of anybody's workload. What
// turns within the same ten seconds on one workload is one event, as a rollout turns many checks at once; beyond a
// burst of 20, one event a second goes out, and what waits longer than a minute is dropped and counted. Events are
// written best-effort, as by every controller: a failed one is not tried again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "seaworthy/clock.h"
#include "seaworthy/report.h"
#include "seaworthy/transport.h"

namespace seaworthy::sinks::events {

// The object that events are about.
struct Regarding {
  std::string api_version, kind, namespace_, name, uid;
};

// The body of a POST of one events.k8s.io/v1 Event.
struct EventText {
  std::string name;      // of the event
  bool warning = false;  // type Warning, else Normal
  std::string reason;    // UpperCamelCase
  std::string note;
};
std::string RenderEvent(const Regarding& regarding, const EventText& text, std::string_view instance, WallTime now);

class EventWriter {
 public:
  // `may_write`: the lease is held. `target`: where events of a namespace are posted. `instance`: who we are, the pod's
  // name. Transport, executor and clock outlive the writer.
  EventWriter(std::function<bool()> may_write, std::function<std::string(std::string_view ns)> target,
              std::string instance, Transport& transport, Executor& executor, const Clock& clock);
  ~EventWriter();

  // The fresh transitions of a report; those of cause checklist are passed over.
  void Note(const WorkloadReport& report);
  // Somebody changed the workload's template by hand.
  void NoteManualChange(const WorkloadReport& report, std::string_view manager);

  struct Stats {
    std::uint64_t sent = 0, failed = 0, dropped = 0;
  };
  const Stats& stats() const { return stats_; }

  static constexpr Duration kGather = std::chrono::seconds(10);
  static constexpr Duration kLongestWait = std::chrono::minutes(1);
  static constexpr int kBurst = 20;

 private:
  struct Turned {
    std::string check;
    std::string cause, manager;
    std::string message;
  };
  struct Gathered {
    Regarding regarding;
    std::int64_t generation = 0;
    std::map<std::string, Turned> worse, better;  // by check: the last word counts
    std::string manual;                           // the manager of a manual change; empty: none
    MonoTime due{};
  };
  Gathered& Of(const WorkloadReport& report);
  void Arm();
  void Flush();
  void Send(const Regarding& regarding, const EventText& text);

  const std::function<bool()> may_write_;
  const std::function<std::string(std::string_view ns)> target_;
  const std::string instance_;
  Transport& transport_;
  Executor& executor_;
  const Clock& clock_;
  std::map<std::uint32_t, Gathered> gathered_;  // by subject
  double tokens_ = kBurst;
  MonoTime refilled_{};
  std::uint64_t sequence_ = 0;
  Executor::TimerId timer_ = 0;
  Stats stats_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::sinks::events
