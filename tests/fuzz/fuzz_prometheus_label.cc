// The metrics page with names that strangers chose: every line of it is read by a strict reader, no series is there
// twice, and a label gives back what went in.
#include <algorithm>
#include <set>

#include "fuzz/fuzz.h"
#include "sinks/metrics/collector.h"
#include "sinks/testing/reports.h"
#include "support/escape.h"

namespace seaworthy {
namespace {

using fuzz::Require;
using namespace sinks::testing;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

std::string_view TakeName(std::string_view& line) {
  const auto end = std::find_if_not(line.begin(), line.end(), IsNameCharacter);
  const std::string_view name = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  Require(!name.empty() && !(name[0] >= '0' && name[0] <= '9'), "a name", line);
  line.remove_prefix(name.size());
  return name;
}

void Take(std::string_view& line, char wanted) {
  Require(line.starts_with(wanted), std::string("a ") + wanted, line);
  line.remove_prefix(1);
}

// The value between quotes; an escape that the format does not know is an error to Prometheus.
std::string TakeValue(std::string_view& line) {
  std::string value;
  Take(line, '"');
  while (!line.starts_with('"')) {
    Require(!line.empty(), "a closing quote");
    if (line[0] == '\\') {
      Require(line.size() >= 2 && (line[1] == '\\' || line[1] == '"' || line[1] == 'n'), "an escape", line);
      value += line[1] == 'n' ? '\n' : line[1];
      line.remove_prefix(2);
    } else {
      value += line[0];
      line.remove_prefix(1);
    }
  }
  line.remove_prefix(1);
  return value;
}

struct Seen {
  std::set<std::string> series, namespaces, workloads;
};

void ReadLine(std::string_view line, Seen& seen) {
  const std::string_view whole = line;
  if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) return;
  TakeName(line);
  if (line.starts_with('{')) {
    std::set<std::string_view> names;
    char before = '{';
    do {
      Take(line, before);
      before = ',';
      const std::string_view name = TakeName(line);
      Require(names.insert(name).second, "a label once", whole);
      Take(line, '=');
      std::string value = TakeValue(line);
      if (name == "namespace") seen.namespaces.insert(value);
      if (name == "workload") seen.workloads.insert(std::move(value));
    } while (line.starts_with(','));
    Take(line, '}');
  }
  Require(seen.series.insert(std::string(whole.substr(0, whole.size() - line.size()))).second, "a series once", whole);
  Take(line, ' ');
  Require(!line.empty() && line.find_first_not_of("0123456789.e+-") == std::string_view::npos, "a number", whole);
}

void ReadPage(std::string_view page, Seen& seen) {
  Require(support::IsUtf8(page), "the page is UTF-8");
  Require(page.empty() || page.ends_with('\n'), "lines are whole");
  while (!page.empty()) {
    const std::size_t end = page.find('\n');
    ReadLine(page.substr(0, end), seen);
    page.remove_prefix(end + 1);
  }
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string_view text = fuzz::Text(data, size);
  std::string_view escaped_rest;
  const std::string escaped = "\"" + support::EscapePrometheusLabel(text) + "\"";
  escaped_rest = escaped;
  const std::string value = TakeValue(escaped_rest);
  Require(escaped_rest.empty() && support::IsUtf8(value), "one value, in UTF-8", escaped);
  if (support::IsUtf8(text)) Require(value == text, "what went in comes out", escaped);

  fuzz::Choices choices(text);
  const std::string_view ns = choices.Line(), one = choices.Line(), other = choices.Line(), kind = choices.Line(),
                         owner = choices.Line(), hash = choices.Line();
  sinks::metrics::Collector collector;
  collector.SetLeader(true);
  collector.SetInitialAuditComplete(true);
  WorkloadReport first = Web(1), second = Nightly(2), third = Web(3);
  first.namespace_ = second.namespace_ = third.namespace_ = ns;
  first.name = one;
  second.name = third.name = other;
  first.kind = kind;
  first.owner = first.part_of = owner;
  NamespaceReport space = Shop(10);
  space.name = ns;
  space.budgets[0].name = std::string(one);
  space.budgets[1].name = std::string(other);
  NodeReport node = BadNode(20);
  node.name = one;
  ClusterReport cluster = TheCluster();
  cluster.checklist_hash = hash;
  collector.Publish(first);
  collector.Publish(second);
  collector.Publish(third);
  collector.Publish(space);
  collector.Publish(node);
  collector.Publish(cluster);
  collector.CountRegression(1, kReadinessProbe, "workload", WallTime(std::chrono::seconds(1)));
  collector.CountManualChange(2);
  collector.SetExpiry(sinks::metrics::MetricId::kWaiverExpiry, ns, one, WallTime(std::chrono::seconds(1)));
  Seen seen;
  ReadPage(collector.Text(), seen);
  if (support::IsUtf8(text)) {
    Require(seen.namespaces.contains(std::string(ns)) && seen.workloads.contains(std::string(one)) &&
                seen.workloads.contains(std::string(other)),
            "the names are there as they are");
  }
  collector.Remove(1);
  collector.Remove(3);
  Seen fewer;
  ReadPage(collector.Text(), fewer);
  Require(fewer.series.size() < seen.series.size(), "what is gone is not shown");
  return 0;
}
