// Alerting rules that are about a workload, by what their expressions ask for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct AlertAbout {
  const AlertMention* mention = nullptr;
  bool by_namespace = false;  // it names the namespace and nothing narrower
  bool chosen = true;         // else no Prometheus and no ThanosRuler chooses the rules: nobody evaluates them
  std::string_view not_seen;  // SelectionNotSeen of the rules

  bool HasRunbook() const;  // annotation runbook_url
  // "alert WebDown of PrometheusRule shop/web"
  std::string ToString() const;
};

// Those that name the workload, one of its Services or its labels' values under a label that stands for such a thing,
// and no other namespace than its own; and those that name its namespace. One for each rule, the narrower reason first.
// Kinds: kAlertKinds.
std::vector<AlertAbout> AlertsAbout(const Context& context);

inline constexpr KindSet kAlertKinds = {Kind::kPrometheusRule,       Kind::kVmRule,      Kind::kService,
                                        Kind::kPodMonitor,           Kind::kVmPodScrape, Kind::kPodMonitoring,
                                        Kind::kClusterPodMonitoring, Kind::kPrometheus,  Kind::kPrometheusAgent,
                                        Kind::kThanosRuler};

}  // namespace seaworthy::checks
