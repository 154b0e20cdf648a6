// StatusWriter: our answers in the .status of AuditPolicies, Attestations and Waivers, where they differ from what is
// there.
//
// One request at a time, on the executor; there are few of these objects. A failure is tried again with the next
// Answer, at the earliest after a pause that doubles up to five minutes: what people wrote counts whether its status
// can be written or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "seaworthy/clock.h"
#include "seaworthy/object.h"
#include "seaworthy/policy.h"
#include "seaworthy/transport.h"

namespace seaworthy::sinks::people {

// About one object.
struct Answer {
  const Object* object = nullptr;  // read during the call only
  StatusHash seen;                 // of the status that it has
  std::string_view state;          // Valid, Expired, Invalid
  std::string_view message;        // empty: none
  std::int64_t matched = -1;       // -1: not said (policies)
  Timestamp ends;                  // unset: not said
  std::span<const std::string> overridden;
  std::span<const std::pair<std::string, std::int64_t>> errors =
      {};  // custom checks that fail while they run, and how often
};
// The status as canonical JSON.
std::string RenderStatus(const Answer& answer);

class StatusWriter {
 public:
  // `may_write`: the lease is held. `target`: the path of an object, without a query. Transport, executor and clock
  // outlive the writer.
  StatusWriter(std::function<bool()> may_write,
               std::function<std::string(Kind kind, std::string_view ns, std::string_view name)> target,
               Transport& transport, Executor& executor, const Clock& clock);
  ~StatusWriter();

  // All answers as they are now; those that were given before and wait are replaced.
  void Set(std::span<const Answer> answers);

  struct Stats {
    std::uint64_t written = 0, failed = 0;
  };
  const Stats& stats() const { return stats_; }

 private:
  struct Request {
    std::string target, body;
  };
  void Send();
  void OnAnswer(const Result<HttpResponse>& result);

  const std::function<bool()> may_write_;
  const std::function<std::string(Kind, std::string_view, std::string_view)> target_;
  Transport& transport_;
  Executor& executor_;
  const Clock& clock_;
  std::deque<Request> waiting_;
  bool in_flight_ = false;
  int failures_ = 0;
  MonoTime not_before_{};
  Executor::TimerId timer_ = 0;
  Stats stats_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::sinks::people
