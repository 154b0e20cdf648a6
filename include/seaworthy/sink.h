// Where reports go. Implemented by the stages behind the score: metrics, status objects, the report page.
#pragma once

#include <string_view>

#include "seaworthy/report.h"

namespace seaworthy {

// Called on the core thread; must not block.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Publish(const WorkloadReport& report) = 0;
  virtual void Publish(const NamespaceReport& report) = 0;
  virtual void Publish(const NodeReport& report) = 0;
  virtual void Publish(const ClusterReport& report) = 0;
  // The subject of that id (workload, namespace or node) is gone.
  virtual void Remove(std::uint32_t subject) = 0;
};

}  // namespace seaworthy
