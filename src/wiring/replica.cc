#include "wiring/replica.h"

#include <cstdio>
#include <vector>

#include "api/url.h"
#include "support/log.h"

namespace seaworthy::wiring {
namespace {

namespace log = support::log;

std::string TargetOf(Kind kind, std::string_view ns, std::string_view name) {
  const KindInfo& info = Info(kind);
  Result<std::string> path = api::ObjectPath(info, info.versions.substr(0, info.versions.find(',')), ns, name);
  return path.ok() ? *path : std::string();
}

}  // namespace

Replica::Replica(ReplicaOptions options, ReplicaParts parts)
    : options_(std::move(options)),
      parts_(parts),
      transitions_(parts.core.world(), parts.core.engine(), parts.collector) {
  if (options_.identity.empty()) {
    char random[20];
    std::snprintf(random, sizeof random, "_%016llx", static_cast<unsigned long long>(parts_.rng.Next()));
    options_.identity = options_.instance + random;
  }
}

Replica::~Replica() = default;

sinks::report::WriterHooks Replica::HooksOfAWriter() {
  sinks::report::WriterHooks hooks;
  hooks.may_write = [this] { return MayWrite(); };
  hooks.target = TargetOf;
  hooks.subject_target = [this](const OwnerRef& owner, std::string_view ns) {
    const auto kind = FindKind(owner.api_version, owner.kind);
    return kind && parts_.core.world().State(*kind) == SourceState::kLive ? TargetOf(*kind, ns, owner.name)
                                                                          : std::string();
  };
  hooks.known_to_be_gone = [this](const OwnerRef& owner, std::string_view ns) {
    Core& core = parts_.core;
    const cache::World& world = core.world();
    if (world.State(Kind::kPod) != SourceState::kLive || world.FindWorkload(ns, owner.kind, owner.name) != nullptr)
      return false;
    const auto kind = FindKind(owner.api_version, owner.kind);
    if (!kind) return true;
    // A ReplicaSet that a Deployment has adopted; a Rollout without a template of its own whose pods have gone.
    return world.State(*kind) == SourceState::kLive && core.Knows(*kind, ns, owner.name);
  };
  return hooks;
}

void Replica::Start() {
  Core& core = parts_.core;
  core.engine().AddSink(&parts_.collector);
  core.engine().AddSink(&transitions_);
  core.on_people = [this](std::span<const score::PersonReport> reports) { OnPeople(reports); };
  core.on_ready = [this] { OnReady(); };
  if (options_.write_reports) {
    sinks::report::WriterHooks hooks = HooksOfAWriter();
    hooks.evidence = [this](std::uint32_t subject) { return parts_.core.EvidenceOf(subject); };
    writer_ = std::make_unique<sinks::report::Writer>(sinks::report::WriterOptions{}, std::move(hooks), core.engine(),
                                                      parts_.transport, parts_.executor, parts_.clock, parts_.rng);
    core.engine().AddSink(writer_.get());
    if (options_.open_reports) {
      sinks::report::WriterOptions options;
      options.kind = Kind::kOpenReport;
      // They wait for the audits, should both be due at once.
      options.rate /= 2;
      options.burst /= 2;
      open_report_writer_ = std::make_unique<sinks::report::Writer>(
          options, HooksOfAWriter(), core.engine(), parts_.transport, parts_.executor, parts_.clock, parts_.rng);
      core.engine().AddSink(open_report_writer_.get());
    }
    core.is_writer = [this] { return MayWrite(); };
    core.each_own_object = [this](Kind kind, const Core::EachObject& each) {
      const sinks::report::Writer* writer = kind == Kind::kOpenReport ? open_report_writer_.get() : writer_.get();
      if (writer != nullptr) writer->ForEachObserved(kind, each);
    };
    core.on_kept = [this](std::uint32_t subject) { writer_->Refresh(subject); };
    core.on_own_object = [this](const WatchEvent& event, const Object* object) { OnOwnObject(event, object); };
    status_writer_ = std::make_unique<sinks::people::StatusWriter>([this] { return MayWrite(); }, TargetOf,
                                                                   parts_.transport, parts_.executor, parts_.clock);
    event_writer_ = std::make_unique<sinks::events::EventWriter>(
        [this] { return MayWrite(); },
        [](std::string_view ns) { return "/apis/events.k8s.io/v1/namespaces/" + api::PercentEncode(ns) + "/events"; },
        options_.instance, parts_.transport, parts_.executor, parts_.clock);
  }
  if (!options_.leader_elect) return OnLeadership(true);
  LeaderOptions options;
  options.namespace_ = options_.leader_namespace;
  options.name = options_.leader_name;
  options.identity = options_.identity;
  elector_ = std::make_unique<Elector>(options, parts_.transport, parts_.executor, parts_.clock, parts_.rng,
                                       [this](bool leading) { OnLeadership(leading); });
  elector_->Start();
}

void Replica::Stop(std::function<void()> settled) {
  const auto release = [this, settled = std::move(settled)] {
    if (elector_) {
      elector_->Stop(settled);
    } else {
      settled();
    }
  };
  // The lease is given back once the last of them has its last answer.
  const auto writing = std::make_shared<int>(1);
  const auto one_less = [writing, release] {
    if (--*writing == 0) release();
  };
  for (sinks::report::Writer* writer : {writer_.get(), open_report_writer_.get()}) {
    if (writer == nullptr) continue;
    ++*writing;
    writer->Stop(one_less);
  }
  one_less();
}

void Replica::Detach() {
  elector_.reset();
  Core& core = parts_.core;
  core.on_own_object = nullptr;
  core.on_people = nullptr;
  core.on_ready = nullptr;
  core.on_kept = nullptr;
  core.is_writer = nullptr;
  core.each_own_object = nullptr;
  transitions_.SetEvents(nullptr);
  status_writer_.reset();
  event_writer_.reset();
}

void Replica::OnReady() {
  ready_ = true;
  transitions_.SetReady();
  parts_.collector.SetInitialAuditComplete(true);
  log::Info("initial audit complete", {{"workloads", std::to_string(parts_.core.engine().WorkloadIds().size())}});
  LookWhetherReportsAreServed();
  if (on_ready) on_ready();
}

void Replica::OnLeadership(bool leading) {
  parts_.collector.SetLeader(leading);
  if (on_leadership) on_leadership(leading);
  log::Info(leading ? "leading" : "following", {{"lease", options_.leader_namespace + "/" + options_.leader_name}});
  if (leading && writer_) writer_->Kick();
  if (leading && open_report_writer_) open_report_writer_->Kick();
  transitions_.SetEvents(leading ? event_writer_.get() : nullptr);
  if (leading) parts_.core.TellPeople();
}

void Replica::OnPeople(std::span<const score::PersonReport> reports) {
  using sinks::metrics::MetricId;
  std::set<std::tuple<MetricId, std::string, std::string>> ending;
  std::vector<sinks::people::Answer> answers;
  for (const score::PersonReport& report : reports) {
    const ObjectMeta& meta = report.object->meta;
    const bool policy = report.object->kind == Kind::kAuditPolicy;
    answers.push_back({report.object, report.seen, report.state, report.message, policy ? -1 : report.matched,
                       report.ends, report.overridden, report.errors});
    if (!report.ends.set()) continue;
    const bool waiver = report.object->kind == Kind::kWaiver || report.object->kind == Kind::kClusterWaiver;
    const MetricId metric = waiver ? MetricId::kWaiverExpiry : MetricId::kAttestationExpiry;
    ending.emplace(metric, meta.namespace_.str(), meta.name.str());
    parts_.collector.SetExpiry(metric, meta.namespace_, meta.name, WallTime(std::chrono::seconds(report.ends.seconds)));
  }
  for (const auto& [metric, ns, name] : ending_) {
    if (!ending.contains({metric, ns, name})) parts_.collector.SetExpiry(metric, ns, name, std::nullopt);
  }
  ending_ = std::move(ending);
  if (status_writer_) status_writer_->Set(answers);
}

void Replica::OnOwnObject(const WatchEvent& event, const Object* object) {
  sinks::report::Writer* writer = event.kind == Kind::kOpenReport ? open_report_writer_.get() : writer_.get();
  if (writer == nullptr) return;
  if (event.type == EventType::kInit) {
    listed_[event.kind].clear();
  } else if (event.type == EventType::kInitDone) {
    writer->OnListed(event.kind, listed_[event.kind]);
    listed_.erase(event.kind);
    LookWhetherReportsAreServed();
  } else if (event.type == EventType::kDelete && object != nullptr) {
    writer->OnObservedDelete(event.kind, object->meta.namespace_, object->meta.name, object->meta.uid);
  } else if (object != nullptr) {
    const auto& audit = static_cast<const AuditObject&>(*object);
    if (event.type == EventType::kInitApply)
      listed_[event.kind].insert({audit.meta.namespace_.str(), audit.meta.name.str()});
    writer->OnObserved(audit, audit.conditions);
  }
}

sinks::report::WriterStats Replica::ReportStats() const {
  sinks::report::WriterStats all = writer_ ? writer_->stats() : sinks::report::WriterStats();
  if (!open_report_writer_) return all;
  const sinks::report::WriterStats more = open_report_writer_->stats();
  for (std::size_t i = 0; i < all.results.size(); ++i) all.results[i] += more.results[i];
  all.tampered += more.tampered;
  all.pending += more.pending;
  all.in_flight += more.in_flight;
  all.rate += more.rate;
  all.degraded |= more.degraded;
  all.breaker_open |= more.breaker_open;
  all.sweep_stopped |= more.sweep_stopped;
  return all;
}

void Replica::LookWhetherReportsAreServed() {
  if (!writer_ || !ready_) return;
  bool live = true;
  for (const Kind kind : {Kind::kWorkloadAudit, Kind::kNamespaceAudit, Kind::kClusterAudit}) {
    live &= parts_.core.world().State(kind) == SourceState::kLive;
  }
  if (!live)
    log::Limited(log::Level::kWarning,
                 "reports are not written: the custom resources are not served, or may not be read", "crds");
  writer_->SetSynced(live);
  if (!open_report_writer_) return;
  const bool served = parts_.core.world().State(Kind::kOpenReport) == SourceState::kLive;
  if (!served)
    log::Limited(log::Level::kWarning,
                 "no Reports are written: openreports.io/v1alpha1 is not served, or may not be read", "openreports");
  open_report_writer_->SetSynced(served);
}

}  // namespace seaworthy::wiring
