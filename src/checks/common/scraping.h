// Who reads a workload's metrics, as far as objects say so: monitors of the Prometheus operator and of VictoriaMetrics,
// Google's PodMonitoring, and annotations.
#pragma once

#include <string>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// Whether one of the Prometheus objects (for rules: or ThanosRuler objects) chooses the monitor, probe or rule, by its
// labels and those of its namespace. VictoriaMetrics' kinds are chosen by objects that are not read: kNobodyThere.
enum class Chosen : std::uint8_t {
  kYes,
  kNo,
  kNobodyThere,  // no object that could choose: something else reads it, or nothing does
  kUnknown,      // those objects, or the namespace's labels, cannot be read
};
// In a scan the Prometheus objects among the files are all that there are; without any it is kUnknown.
// Kinds: kPrometheus, kPrometheusAgent, kThanosRuler.
Chosen ChosenByPrometheus(const Context& context, const Extension& object);

// For messages: the half that is missing of what passes; empty where none is.
constexpr std::string_view SelectionNotSeen(Chosen chosen) {
  return chosen == Chosen::kUnknown ? "; whether a Prometheus selects it is not seen" : "";
}

struct Scraping {
  // What scrapes it: "ServiceMonitor shop/web", "annotation prometheus.io/scrape of Service web". Empty: nothing seen.
  std::string by;
  std::string_view not_seen;  // SelectionNotSeen of that
  // What is to scrape it and cannot, and why. Set only where `by` is empty.
  std::string broken;
  bool truncated = false;  // more monitors select it than are looked at
  // What the Prometheus source says of the targets that its ready pods are: those of containers that are in the
  // template.
  enum class Targets : std::uint8_t { kUnseen, kUp, kDown };
  Targets targets = Targets::kUnseen;  // one is up; else all that there are, are down
};
// Kinds: kScrapingKinds.
Scraping FindScraping(const Context& context);

// The kinds that FindScraping reads, for Check::reads.
inline constexpr KindSet kScrapingKinds = {
    Kind::kService,         Kind::kServiceMonitor, Kind::kVmServiceScrape,      Kind::kPodMonitor,
    Kind::kVmPodScrape,     Kind::kPodMonitoring,  Kind::kClusterPodMonitoring, Kind::kPrometheus,
    Kind::kPrometheusAgent, Kind::kThanosRuler,    Kind::kScrapeTarget,         Kind::kPod};

// Whether the monitor may select what is in the namespace.
bool LooksInto(const Extension& monitor, std::string_view ns);

// "ServiceMonitor shop/web"
std::string NameOf(const Object& object);

}  // namespace seaworthy::checks
