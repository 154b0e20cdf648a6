// What is known of the objects on the server, for the audit that compares it (api/divergence_audit.h): what the World
// holds, and of our own reports what their writer knows.
#pragma once

#include <functional>

#include "api/divergence_audit.h"
#include "seaworthy/clock.h"
#include "wiring/core.h"

namespace seaworthy::wiring {

class CacheIndex final : public api::AuditIndex {
 public:
  // Both loops and the core must outlive what is asked of it.
  CacheIndex(Core& core, Executor& core_loop, Executor& api_loop)
      : core_(core), core_loop_(core_loop), api_loop_(api_loop) {}
  void Collect(Kind kind, std::size_t max, std::uint64_t random, std::function<void(api::AuditEntries)> done) override;

 private:
  Core& core_;
  Executor& core_loop_;
  Executor& api_loop_;
};

}  // namespace seaworthy::wiring
