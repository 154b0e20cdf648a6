// A writer between a world of reports and a fake API server, under virtual time.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sinks/report/writer.h"
#include "sinks/testing/fake_api.h"
#include "sinks/testing/reports.h"
#include "support/manual_loop.h"
#include "support/rng.h"

namespace seaworthy::sinks::testing {

using report::Writer;
using report::WriteResult;
using report::WriterHooks;
using report::WriterOptions;

inline const std::string kWeb = "/WorkloadAudit/shop/deployment-web";

class World final : public ReportSource {
 public:
  std::vector<std::uint32_t> WorkloadIds() const override {
    std::vector<std::uint32_t> ids;
    for (const auto& [id, report] : workloads) ids.push_back(id);
    return ids;
  }
  WorkloadReport ReportOf(std::uint32_t subject) const override { return workloads.at(subject); }
  std::vector<NamespaceReport> Namespaces() const override { return {Shop()}; }
  std::vector<NodeReport> Nodes() const override { return {}; }
  ClusterReport Cluster() const override { return TheCluster(); }
  std::string Patch(std::uint32_t, const Check&) const override { return {}; }

  std::map<std::uint32_t, WorkloadReport> workloads;
  std::deque<std::string> names;  // what the reports' views point to
};

class WriterTest : public ::testing::Test {
 protected:
  WriterTest() { Restart(); }
  ~WriterTest() override { api_.watcher = nullptr; }

  // A new process: it lists what the server holds, then evaluates.
  void Restart(bool synced = true) {
    api_.watcher = nullptr;
    writer_.reset();
    WriterHooks hooks;
    hooks.may_write = [this] { return leading_; };
    hooks.target = FakeApi::Target;
    hooks.subject_target = [this](const OwnerRef& owner, std::string_view) {
      return subjects_known_ && !owner.kind.empty() ? "/subject/" + owner.uid.ToString() : std::string();
    };
    hooks.known_to_be_gone = [this](const OwnerRef&, std::string_view) { return subjects_gone_; };
    hooks.evidence = [this](std::uint32_t) { return evidence_; };
    writer_ = std::make_unique<Writer>(options_, hooks, world_, api_, loop_, clock_, rng_);
    api_.watcher = writer_.get();
    api_.ListTo(*writer_);
    for (const auto& [id, report] : world_.workloads) writer_->Publish(report);
    if (synced) writer_->SetSynced(true);
  }
  void Publish(const WorkloadReport& report) {
    world_.workloads.insert_or_assign(report.subject, report);
    writer_->Publish(report);
  }
  void Remove(std::uint32_t subject) {
    writer_->Remove(subject);
    world_.workloads.erase(subject);
  }
  WorkloadReport Scored(double score, std::uint32_t subject = 1) {
    WorkloadReport report = Web(subject);
    report.summary.score = score;
    return report;
  }
  WorkloadReport Numbered(std::uint32_t subject, double score) {
    world_.names.push_back("w" + std::to_string(subject));
    return Workload(subject, "shop", "Deployment", world_.names.back(), {Found(kPdb, Verdict::kFail)}, score);
  }
  bool Right(const std::string& target, std::uint32_t subject) {
    const auto at = api_.objects.find(target);
    return at != api_.objects.end() &&
           at->second.status.find("\"score\":" + std::to_string(*world_.workloads.at(subject).summary.shown()) + ",") !=
               std::string::npos;
  }
  std::uint64_t Results(WriteResult result) const { return writer_->stats().results[static_cast<std::size_t>(result)]; }
  std::size_t Writes() const { return api_.Count(Method::kPatch); }
  FakeApi::Fault Always(int status, std::string body = {}) {
    return [status, body](const HttpRequest&) { return Result<HttpResponse>(FakeApi::Answer(status, body)); };
  }

  TextPool pool_;
  support::ManualClock clock_;
  support::ManualLoop loop_{clock_};
  support::SeededRng rng_{1};
  FakeApi api_{loop_, clock_, pool_};
  World world_;
  WriterOptions options_;
  bool leading_ = true;
  bool subjects_known_ = true, subjects_gone_ = false;
  std::string evidence_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace seaworthy::sinks::testing
