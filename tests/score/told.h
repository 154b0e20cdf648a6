// A sink that remembers what it was told last about each subject, and in which order.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "seaworthy/sink.h"

namespace seaworthy::score {

// What is kept of a report: reports themselves hold views.
struct Remembered {
  std::optional<int> score;
  char grade = 0;
  double coverage = 0;
  Ready ready = Ready::kUnknown;
  std::string owner;
  std::int64_t generation = 0;
  std::uint32_t workloads = 0;
  bool exempt = false;
  std::map<std::string, Verdict> verdicts;
  std::map<std::string, std::string> messages;
  std::map<std::string, std::int64_t> since;
};

class Memory : public Sink {
 public:
  void Publish(const WorkloadReport& report) override {
    Remembered one = Of(report.summary, report.findings);
    one.ready = report.ready;
    one.owner = report.owner;
    one.generation = report.generation;
    Keep(report.subject, std::string(report.name), std::move(one));
  }
  void Publish(const NamespaceReport& report) override {
    Remembered one = Of(report.roll_up.summary, report.findings);
    one.workloads = report.roll_up.workloads;
    one.exempt = report.exempt;
    Keep(report.subject, "ns " + std::string(report.name), std::move(one));
  }
  void Publish(const NodeReport& report) override {
    Keep(report.subject, "node " + std::string(report.name), Of({}, report.findings));
  }
  void Publish(const ClusterReport& report) override {
    Remembered one = Of(report.roll_up.summary, report.findings);
    one.workloads = report.roll_up.workloads;
    Keep(kClusterSubject, "cluster", std::move(one));
  }
  void Remove(std::uint32_t subject) override {
    removed.push_back(names_[subject]);
    reports.erase(names_[subject]);
  }

  bool Has(const std::string& name) const { return reports.contains(name); }
  std::size_t Times(const std::string& name) const {
    return static_cast<std::size_t>(std::count(order.begin(), order.end(), name));
  }

  std::map<std::string, Remembered> reports;  // "web", "ns shop", "node n1", "cluster"
  std::vector<std::string> order, removed;

 private:
  static Remembered Of(const ScoreSummary& summary, const std::vector<Finding>& findings) {
    Remembered one;
    one.score = summary.shown();
    one.grade = summary.grade;
    one.coverage = summary.coverage;
    for (const Finding& finding : findings) {
      const std::string id(finding.check->id);
      one.verdicts[id] = finding.verdict;
      one.messages[id] = finding.message;
      if (finding.since.set()) one.since[id] = finding.since.seconds;
    }
    return one;
  }
  void Keep(std::uint32_t subject, std::string name, Remembered one) {
    order.push_back(name);
    names_[subject] = name;
    reports[std::move(name)] = std::move(one);
  }

  std::map<std::uint32_t, std::string> names_;
};

}  // namespace seaworthy::score
