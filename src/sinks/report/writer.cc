#include "sinks/report/writer.h"

#include <algorithm>
#include <utility>

namespace seaworthy::sinks::report {
namespace {

constexpr int kClusterRank = -1;
constexpr int kNoScoreRank = 101;  // nothing scored: least in need of attention

Timestamp Seconds(WallTime time) { return {std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()}; }

int RankOf(const ScoreSummary& summary) { return summary.shown().value_or(kNoScoreRank); }

}  // namespace

Writer::Writer(WriterOptions options, WriterHooks hooks, const ReportSource& source, Transport& transport,
               Executor& executor, const Clock& clock, Rng& rng)
    : options_(options),
      hooks_(std::move(hooks)),
      source_(source),
      transport_(transport),
      executor_(executor),
      clock_(clock),
      rng_(rng),
      budget_(options.rate, options.burst, clock.Now()) {}

Writer::~Writer() {
  executor_.Cancel(wake_);
  executor_.Cancel(sweep_timer_);
  executor_.Cancel(sweep_soon_timer_);
}

Writer::Entry& Writer::EntryOf(Key key) {
  auto [at, fresh] = entries_.try_emplace(std::move(key));
  if (fresh) {
    at->second.key = &at->first;
    at->second.id = ++ids_;
  }
  return at->second;
}

Writer::Entry* Writer::Find(const Key& key) {
  const auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : &at->second;
}

Writer::Entry* Writer::OfSubject(std::uint32_t subject) {
  const auto at = by_subject_.find(subject);
  return at == by_subject_.end() ? nullptr : at->second;
}

RenderInput Writer::Input(const Entry& entry) const {
  RenderInput input;
  if (entry.observed) input.before = entry.observed->conditions;
  input.pending = entry.conditions;
  input.now = Seconds(clock_.Wall());
  input.reduced = entry.reduced;
  if (std::get<Kind>(*entry.key) == Kind::kWorkloadAudit && hooks_.evidence)
    input.evidence = hooks_.evidence(entry.subject);
  return input;
}

Rendered Writer::RenderWorkload(const WorkloadReport& report, const Entry& entry) const {
  return options_.kind == Kind::kOpenReport ? RenderOpenReport(report, Input(entry)) : Render(report, Input(entry));
}

// ---- what ought to be there ----

void Writer::Publish(const WorkloadReport& report) {
  if (report.namespace_.empty()) return;
  // Other tools write Reports into the same namespaces.
  const std::string kind = (options_.kind == Kind::kOpenReport ? "seaworthy-" : "") + std::string(report.kind);
  Entry& entry = EntryOf({options_.kind, std::string(report.namespace_), AuditName(kind, report.name)});
  // Kinds of two API groups may have one name; the object stays with the subject that came first.
  if (entry.wanted && entry.subject != report.subject) return;
  entry.rank = RankOf(report.summary);
  entry.subject = report.subject;
  entry.subject_uid = report.uid;
  Want(entry, report.subject, RenderWorkload(report, entry), false);
}

void Writer::Publish(const NamespaceReport& report) {
  if (options_.kind != Kind::kWorkloadAudit) return;
  if (report.roll_up.summary.score) {
    NamespaceLine& line = namespaces_[report.subject];
    line = {std::string(report.name), *report.roll_up.summary.shown(), report.roll_up.summary.grade,
            report.roll_up.workloads, report.roll_up.ready};
  } else {
    namespaces_.erase(report.subject);
  }
  Entry& entry = EntryOf({Kind::kNamespaceAudit, std::string(report.name), "namespace"});
  entry.rank = RankOf(report.roll_up.summary);
  Want(entry, report.subject, Render(report, Input(entry)), true);
}

void Writer::Publish(const NodeReport& report) {
  if (options_.kind != Kind::kWorkloadAudit) return;
  NodeLine line{std::string(report.name), 0, {}};
  for (const Finding& finding : report.findings) {
    if (finding.verdict != Verdict::kFail) continue;
    line.weight += SeverityWeight(finding.severity);
    line.failing.emplace_back(finding.check->id);
  }
  std::sort(line.failing.begin(), line.failing.end());
  if (line.failing.empty()) {
    nodes_.erase(report.subject);
  } else {
    nodes_[report.subject] = std::move(line);
  }
}

void Writer::Publish(const ClusterReport& report) {
  if (options_.kind != Kind::kWorkloadAudit) return;
  Entry& entry = EntryOf({Kind::kClusterAudit, "", "cluster"});
  entry.rank = kClusterRank;
  ClusterParts parts;
  for (const auto& [subject, line] : namespaces_) parts.namespaces.push_back(line);
  for (const auto& [subject, line] : nodes_) parts.nodes.push_back(line);
  if (hooks_.degraded) parts.degraded = hooks_.degraded();
  Want(entry, kClusterSubject, Render(report, std::move(parts), Input(entry)), true);
}

void Writer::Refresh(std::uint32_t subject) {
  Entry* entry = OfSubject(subject);
  if (entry == nullptr || std::get<Kind>(*entry->key) != options_.kind) return;
  Want(*entry, subject, RenderWorkload(source_.ReportOf(subject), *entry), false);
}

void Writer::Want(Entry& entry, std::uint32_t subject, Rendered rendered, bool keep_text) {
  if (!entry.wanted) {
    entry.wanted = true;
    if (std::get<Kind>(*entry.key) == options_.kind) ++wanted_workloads_;
    entry.desired = {};
  }
  entry.delete_wanted = false;
  entry.subject = subject;
  by_subject_[subject] = &entry;
  entry.conditions = std::move(rendered.conditions);
  const bool changed = entry.desired != rendered.hash;
  if (changed) {
    entry.desired = rendered.hash;
    entry.changed = clock_.Now();
    entry.settled = false;
  }
  // A workload's text is made anew when it is sent: there are ten thousand of them.
  if (keep_text) entry.status = std::move(rendered.status);
  if (entry.observed && entry.observed->hash == entry.desired) {
    entry.settled = true;
  }
  Schedule(entry);
}

void Writer::Remove(std::uint32_t subject) {
  namespaces_.erase(subject);
  nodes_.erase(subject);
  const auto at = by_subject_.find(subject);
  if (at == by_subject_.end()) return;
  Entry& entry = *at->second;
  by_subject_.erase(at);
  if (std::get<Kind>(*entry.key) == options_.kind) --wanted_workloads_;
  entry.wanted = entry.settled = entry.tampered = entry.reduced = false;
  entry.status = std::string();
  entry.rejected.reset();
  entry.conditions = {};
  // What names its subject as its owner is collected by the cluster with it; only the rest is for us to delete. A
  // NamespaceAudit goes with its namespace.
  entry.delete_wanted = std::get<Kind>(*entry.key) == options_.kind && entry.observed && entry.observed->owners.empty();
  // The collector too may have missed it, as when the API server was killed at that moment.
  if (entry.observed && !entry.delete_wanted) SweepSoon();
  Schedule(entry);
  Forget(entry);
}

void Writer::Forget(Entry& entry) {
  if (entry.wanted || entry.observed || entry.in_flight) return;
  Unschedule(entry);
  entries_.erase(entries_.find(*entry.key));
}

// ---- what is there ----

void Writer::OnObserved(const AuditObject& object, std::span<const Condition> conditions) {
  Entry& entry = EntryOf({object.kind, object.meta.namespace_.str(), object.meta.name.str()});
  Observe(entry, FromWatch(object, conditions));
  if (entry.observed && entry.observed->resource_version == object.resource_version) entry.answered = false;
}

void Writer::Observe(Entry& entry, Observation seen, bool read) {
  if (entry.deleted.set() && entry.deleted == seen.uid) return;
  const bool same = entry.observed && entry.observed->uid == seen.uid;
  if (entry.observed) {
    const std::uint64_t had = VersionNumber(entry.observed->resource_version),
                        has = VersionNumber(seen.resource_version);
    // What was read is what there is, unless the watch has brought something since.
    const bool newest = read && entry.observed->resource_version == entry.asked;
    if (had != 0 && has != 0 && has < had && !newest) {
      // The watch is behind our own answers, and may bring one of that name that has gone since; or etcd was restored
      // from a backup, and the older one is what there is now.
      if (!read && seen.hash != entry.observed->hash) {
        entry.uncertain = true;
        Schedule(entry);
      }
      return;
    }
  }
  if (same) {
    // Our own answers name owners by uid alone; the sweeper has to know where to look for them.
    const List<OwnerRef>& known = entry.observed->owners;
    for (OwnerRef& owner : seen.owners) {
      const auto before =
          std::find_if(known.begin(), known.end(), [&](const OwnerRef& one) { return one.uid == owner.uid; });
      if (owner.kind.empty() && before != known.end()) owner = *before;
    }
  }
  const bool changed = !same || entry.observed->hash != seen.hash;
  const bool conditions_changed = !same || entry.observed->conditions != seen.conditions;
  if (!entry.observed) {
    ++observed_;
    if (std::get<Kind>(*entry.key) == options_.kind) ++observed_workloads_;
  }
  if (same && entry.observed->resource_version != seen.resource_version) entry.uncertain = false;
  entry.observed = std::move(seen);
  const bool right = entry.observed->hash == entry.desired;
  if (entry.wanted && changed && entry.settled && !right && !(entry.in_flight && entry.observed->hash == entry.sent) &&
      hooks_.may_write()) {
    entry.tampered = true;
    entry.not_before = std::max(entry.not_before, entry.last_restore + options_.restore_spacing);
  }
  if (entry.wanted) entry.settled = right;
  // The times in it are the ones to keep.
  if (entry.wanted && conditions_changed && std::get<Kind>(*entry.key) == options_.kind) {
    Want(entry, entry.subject, RenderWorkload(source_.ReportOf(entry.subject), entry), false);
  } else {
    Schedule(entry);
  }
}

void Writer::OnListed(Kind kind, const std::set<std::pair<std::string, std::string>>& namespaces_and_names) {
  std::vector<std::pair<std::string, std::string>> gone;
  for (auto& [key, entry] : entries_) {
    std::pair name(std::get<1>(key), std::get<2>(key));
    if (std::get<Kind>(key) != kind || !entry.observed || namespaces_and_names.contains(name)) continue;
    if (entry.answered) {
      // The list may be of a moment before our own write.
      entry.uncertain = true;
      Schedule(entry);
    } else {
      gone.push_back(std::move(name));
    }
  }
  for (const auto& [namespace_, name] : gone) OnObservedDelete(kind, namespace_, name);
}

void Writer::OnObservedDelete(Kind gone, std::string_view of, std::string_view named, const Uid& uid) {
  Entry* entry = Find({gone, std::string(of), std::string(named)});
  if (entry == nullptr || !entry->observed) return;
  // A newer object of that name is there already.
  if (uid.set() && !(entry->observed->uid == uid)) return;
  if (entry->wanted && entry->settled && hooks_.may_write()) {
    entry->tampered = true;
    entry->not_before = std::max(
        {entry->not_before, clock_.Now() + options_.restore_delay, entry->last_restore + options_.restore_spacing});
  }
  Unobserve(*entry);
  Schedule(*entry);
  Forget(*entry);
}

void Writer::ForEachObserved(
    Kind kind, const std::function<void(std::string_view, std::string_view, const Uid&, std::uint64_t)>& each) const {
  for (const auto& [key, entry] : entries_) {
    if (std::get<Kind>(key) == kind && entry.observed)
      each(std::get<1>(key), std::get<2>(key), entry.observed->uid, VersionNumber(entry.observed->resource_version));
  }
}

void Writer::Unobserve(Entry& entry) {
  if (!entry.observed) return;
  --observed_;
  if (std::get<Kind>(*entry.key) == options_.kind) --observed_workloads_;
  entry.deleted = entry.observed->uid;
  entry.observed.reset();
  entry.settled = entry.uncertain = entry.answered = entry.delete_wanted = false;
}

// It names its subject as an owner, or cannot.
bool Writer::Belongs(const Entry& entry) const {
  if (std::get<Kind>(*entry.key) != options_.kind || !entry.subject_uid.is_uuid()) return true;
  const auto& owners = entry.observed->owners;
  return std::any_of(owners.begin(), owners.end(),
                     [&](const OwnerRef& owner) { return owner.uid == entry.subject_uid; });
}

Writer::Need Writer::NeedOf(const Entry& entry) const {
  if (entry.in_flight) return Need::kNothing;
  if (entry.uncertain) return Need::kRead;
  if (!entry.wanted) return entry.observed && entry.delete_wanted ? Need::kDelete : Need::kNothing;
  if (entry.observed && !Belongs(entry) && !entry.observed->owners.empty())
    return Need::kDelete;  // of an earlier subject of that name
  if (entry.observed && entry.observed->hash == entry.desired && Belongs(entry)) return Need::kNothing;
  return entry.rejected == entry.desired ? Need::kNothing : Need::kWrite;
}

// ---- gates ----

void Writer::SetSynced(bool synced) {
  synced_ = synced;
  if (!synced) return;
  // A schema that refused something may be another one now.
  for (auto& [key, entry] : entries_) {
    if (!entry.rejected) continue;
    entry.rejected.reset();
    Schedule(entry);
  }
  if (sweep_timer_ == 0) {
    sweep_timer_ = executor_.PostAfter(options_.sweep_interval, [this] { Sweep(true); });
  }
  Kick();
}

void Writer::Kick() {
  SweepSoon();
  Arm(clock_.Now());
}

void Writer::Stop(std::function<void()> done) {
  stopping_ = true;
  executor_.Cancel(wake_);
  executor_.Cancel(sweep_timer_);
  executor_.Cancel(sweep_soon_timer_);
  stopped_ = std::move(done);
  OnLastAnswer();
}

void Writer::OnLastAnswer() {
  if (!stopping_ || in_flight_ != 0 || !stopped_) return;
  executor_.Post(std::exchange(stopped_, nullptr));
}

WriterStats Writer::stats() const {
  WriterStats stats = stats_;
  stats.objects = observed_;
  stats.subjects = wanted_workloads_;
  stats.pending = timers_.size() + ready_.size();
  stats.in_flight = in_flight_;
  stats.rate = WriteBudget(budget_).rate(clock_.Now());
  stats.degraded =
      std::any_of(forbidden_.begin(), forbidden_.end(), [](const KindBlock& block) { return block.failures != 0; });
  stats.breaker_open = BreakerOpen();
  stats.sweep_stopped = sweep_stopped_;
  return stats;
}

}  // namespace seaworthy::sinks::report
