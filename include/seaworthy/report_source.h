// Read access to everything that was evaluated, one report at a time: for outputs that show it all at once (scan, the
// report page).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seaworthy/report.h"

namespace seaworthy {

// Core thread only; reports hold views that the next evaluation ends.
class ReportSource {
 public:
  virtual ~ReportSource() = default;
  // By namespace, kind and name.
  virtual std::vector<std::uint32_t> WorkloadIds() const = 0;
  // REQUIRES: an id of WorkloadIds()
  virtual WorkloadReport ReportOf(std::uint32_t subject) const = 0;
  virtual std::vector<NamespaceReport> Namespaces() const = 0;
  virtual std::vector<NodeReport> Nodes() const = 0;
  virtual ClusterReport Cluster() const = 0;
  // The strategic-merge patch that mends a finding of that subject, as JSON; empty where none can be written.
  virtual std::string Patch(std::uint32_t subject, const Check& check) const = 0;
};

}  // namespace seaworthy
