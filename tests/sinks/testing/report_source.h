// A report that a test puts together, in the place of an engine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seaworthy/report_source.h"
#include "sinks/testing/reports.h"

namespace seaworthy::sinks::testing {

// Has a patch for readiness-probe and for nothing else.
class FixedSource final : public ReportSource {
 public:
  std::vector<std::uint32_t> WorkloadIds() const override {
    std::vector<std::uint32_t> ids;
    for (const WorkloadReport& report : workloads) ids.push_back(report.subject);
    return ids;
  }
  WorkloadReport ReportOf(std::uint32_t subject) const override {
    for (const WorkloadReport& report : workloads) {
      if (report.subject == subject) return report;
    }
    return {};
  }
  std::vector<NamespaceReport> Namespaces() const override { return namespaces; }
  std::vector<NodeReport> Nodes() const override { return nodes; }
  ClusterReport Cluster() const override { return cluster; }
  std::string Patch(std::uint32_t, const Check& check) const override {
    return &check == &kReadinessProbe ? R"({"spec":{"x":1}})" : "";
  }

  std::vector<WorkloadReport> workloads;
  std::vector<NamespaceReport> namespaces;
  std::vector<NodeReport> nodes;
  ClusterReport cluster;
};

// Web() and Nightly() of the files web.yaml and budgets.yaml, with all that is around them.
inline FixedSource SmallWorld() {
  FixedSource source;
  source.workloads = {Web(), Nightly()};
  source.workloads[0].source = {0, 12};
  source.namespaces = {Shop()};
  source.namespaces[0].budgets[0].source = {1, 3};
  source.nodes = {BadNode()};
  source.cluster = TheCluster();
  return source;
}

}  // namespace seaworthy::sinks::testing
