#include "score/engine.h"

#include <algorithm>
#include <cstdio>

#include "score/entry.h"
#include "score/motion.h"
#include "score/run_check.h"
#include "score/tier.h"

namespace seaworthy::score {
namespace {

// The kind of the subject's own object: every check reads that.
KindSet OwnKinds(const SubjectRef& ref, SubjectType type) {
  switch (type) {
    case SubjectType::kWorkload: return {ref.workload->workload->kind};
    case SubjectType::kNamespace: return {Kind::kNamespace};
    case SubjectType::kBudget: return {Kind::kPodDisruptionBudget};
    case SubjectType::kNode: return {Kind::kNode};
    case SubjectType::kCluster: return {};
  }
  return {};
}

std::string HashOf(std::span<const Check* const> checks) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&](std::string_view text) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ 0xff) * 0x100000001b3ULL;
  };
  for (const Check* check : checks) {
    mix(check->id);
    mix(SeverityName(check->severity));
    mix(check->rule);
    for (const Param& param : check->params) {
      mix(param.name);
      mix(std::to_string(param.value));
    }
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

template <typename List>
auto FindCheck(List& list, std::size_t index) {
  return std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.check == index; });
}

}  // namespace

Engine::Engine(const Snapshot& snapshot, std::span<const Check* const> checks, TextPool& pool, EngineOptions options)
    : snapshot_(snapshot), pool_(pool), options_(options), checklist_hash_(HashOf(checks)) {
  options_.scoring.offline = snapshot.offline();
  for (const Check* check : checks) by_type_[static_cast<std::size_t>(check->subject)].push_back(check);
}

Engine::~Engine() = default;

Engine::Entry& Engine::EntryOf(std::uint32_t subject) {
  if (subject >= entries_.size()) entries_.resize(subject + 1);
  std::unique_ptr<Entry>& entry = entries_[subject];
  if (entry == nullptr) {
    entry = std::make_unique<Entry>();
    entry->type = TypeOf(snapshot_.Subject(subject));
    entry->decided.resize(Checks(entry->type).size());
    entry->dirty = KindSet::All();
  }
  return *entry;
}

void Engine::Accept(const Touch& touch) {
  switch (touch.scope) {
    case Touch::Scope::kSubject:
      if (touch.subject == kClusterSubject) {
        cluster_touched_ = true;
      } else {
        Queue(touch.subject, touch.kinds, touch.direct);
      }
      return;
    case Touch::Scope::kNamespaceWorkloads: {
      const SubjectRef ref = snapshot_.Subject(touch.subject);
      if (ref.ns == nullptr) return;
      for (const WorkloadRecord* record : ref.ns->workloads) Queue(record->subject, touch.kinds, false);
      return;
    }
    case Touch::Scope::kWorkloads: all_workloads_ = all_workloads_ | touch.kinds; return;
    case Touch::Scope::kEverything:
      everything_ = everything_ | touch.kinds;
      cluster_touched_ = true;
      return;
    case Touch::Scope::kRemoved: Drop(touch.subject); return;
  }
}

void Engine::TouchAll() {
  everything_ = KindSet::All();
  cluster_touched_ = true;
  cluster_due_ = 0;
}

void Engine::Queue(std::uint32_t subject, KindSet kinds, bool direct) {
  const SubjectRef ref = snapshot_.Subject(subject);
  if (TypeOf(ref) == SubjectType::kCluster) return;  // gone in the meantime
  Entry& entry = EntryOf(subject);
  entry.dirty = entry.dirty | kinds;
  if (!entry.queued) {
    entry.queued = true;
    entry.urgent = direct;
    (direct ? urgent_ : later_).push_back(subject);
  } else if (direct && !entry.urgent) {
    entry.urgent = true;  // its place in the other queue becomes a no-op
    urgent_.push_back(subject);
  }
}

// Turns the fan-outs that have gathered into queue entries, in one pass for all of them.
void Engine::Spread() {
  const KindSet workloads = all_workloads_ | everything_;
  const KindSet others = everything_;
  all_workloads_ = everything_ = {};
  if (workloads.empty()) return;
  for (std::uint32_t id = 1; id < snapshot_.SubjectLimit(); ++id) {
    const SubjectRef ref = snapshot_.Subject(id);
    const SubjectType type = TypeOf(ref);
    if (type == SubjectType::kCluster) continue;
    const KindSet kinds = type == SubjectType::kWorkload ? workloads : others;
    if (!kinds.empty()) Queue(id, kinds, false);
  }
}

void Engine::Drop(std::uint32_t subject) {
  if (subject >= entries_.size() || entries_[subject] == nullptr) return;
  const Entry& entry = *entries_[subject];
  if (entry.timer != 0) timers_.erase({entry.timer, subject});
  if (entry.published) {
    for (Sink* sink : sinks_) sink->Remove(subject);
  }
  stale_namespaces_.erase(subject);
  if (entry.ns != 0) stale_namespaces_.insert(entry.ns);
  stale_cluster_ = true;
  entries_[subject].reset();
}

void Engine::NoteReads(const Check& check, KindSet touched, KindSet own) {
  const KindSet declared = check.reads | check.needs | own;
  if (declared.Contains(touched)) return;
  for (const KindInfo& info : KindTable()) {
    if (touched.Has(info.kind) && !declared.Has(info.kind)) undeclared_reads_.insert(std::string(check.id) + ": " + std::string(info.name));
  }
}

bool Engine::Evaluate(std::uint32_t subject, Entry& entry, std::int64_t now_seconds, WallTime now) {
  const SubjectRef ref = snapshot_.Subject(subject);
  const KindSet own = OwnKinds(ref, entry.type);
  bool changed = !entry.published;
  if (entry.type == SubjectType::kWorkload) {
    entry.ns = ref.workload->ns->subject;
    const Tier tier = TierOf(*ref.workload->ns);
    if (tier != entry.tier) {
      entry.tier = tier;
      entry.dirty = KindSet::All();
      changed = true;
    }
  }
  // A change of the subject's own object may matter to every check; so may time.
  if (entry.dirty.Intersects(own)) entry.dirty = KindSet::All();
  Context context(snapshot_, now);
  Bind(context, ref, entry.tier);
  Timestamp recheck;
  const CheckList& checks = Checks(entry.type);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Check& check = *checks[i];
    if (entry.decided[i].known && entry.dirty != KindSet::All() && !entry.dirty.Intersects(check.reads | check.needs)) continue;
    const Decided before = entry.decided[i];
    Outcome outcome = RunCheck(check, context, snapshot_);
    NoteReads(check, context.touched(), own);
    Decide(entry, i, std::move(outcome), ref, now_seconds, recheck);
    const Decided& after = entry.decided[i];
    changed |= !before.known || before.verdict != after.verdict || before.severity != after.severity || before.message != after.message;
  }
  ++evaluations_;
  const bool all = entry.dirty == KindSet::All();
  entry.dirty = {};
  // A partial evaluation knows only its own checks' times: the earlier timer stays.
  if (!all && entry.timer != 0 && (!recheck.set() || entry.timer < recheck.seconds)) recheck.seconds = entry.timer;
  SetTimer(subject, entry, recheck);
  if (!changed) return false;
  const std::vector<Finding> findings = Findings(entry);
  entry.summary = Summarise(findings, options_.scoring);
  entry.sums = SumSections(findings, options_.scoring);
  std::string_view reason;
  entry.ready = ProductionReady(findings, entry.summary, options_.scoring, reason);
  return true;
}

void Engine::Decide(Entry& entry, std::size_t index, Outcome outcome, const SubjectRef& ref, std::int64_t now_seconds, Timestamp& recheck) {
  const Check& check = *Checks(entry.type)[index];
  Decided& decided = entry.decided[index];
  const auto earlier = [&](std::int64_t when) {
    if (when > now_seconds && (!recheck.set() || when < recheck.seconds)) recheck.seconds = when;
  };
  if (outcome.recheck.set()) earlier(outcome.recheck.seconds);

  const auto pending = FindCheck(entry.pending, index);
  const bool bad = outcome.verdict == Verdict::kWarn || outcome.verdict == Verdict::kFail;
  if (check.holds && bad && !outcome.settled) {
    // Complaints about status wait until they have lasted; that things are well is shown at once.
    Timestamp since = outcome.since;
    if (pending != entry.pending.end()) {
      if (!since.set()) since = pending->since;
    } else {
      if (!since.set()) since.seconds = now_seconds;
      entry.pending.push_back({static_cast<std::uint16_t>(index), since});
    }
    const std::int64_t hold_ends = since.seconds + std::int64_t{60} * check.hold_minutes;
    bool held = hold_ends > now_seconds;
    if (held) earlier(hold_ends);
    if (ref.workload != nullptr) {
      const Motion motion = MotionOf(*ref.workload, now_seconds);
      if (motion.moving) {
        if (!entry.motion_since.set()) entry.motion_since.seconds = now_seconds;
        const std::int64_t start = motion.since.set() ? motion.since.seconds : entry.motion_since.seconds;
        if (start + motion.limit_seconds > now_seconds) {
          held = true;
          earlier(start + motion.limit_seconds);
        }
      } else {
        entry.motion_since = {};
      }
    }
    if (held) {
      if (decided.decided) return;  // the last decided verdict stays shown
      outcome = Outcome::Unknown(UnknownCause::kNotObserved, "judged once it has lasted for " + std::to_string(check.hold_minutes) +
                                                                 " minutes outside rollouts");
      decided.decided = false;
    } else {
      decided.decided = true;
    }
  } else {
    if (pending != entry.pending.end()) entry.pending.erase(pending);
    decided.decided = outcome.verdict != Verdict::kUnknown;
  }

  const bool same = decided.known && decided.verdict == outcome.verdict;
  const bool shown = outcome.verdict != Verdict::kPass && outcome.verdict != Verdict::kNa;
  const auto since = FindCheck(entry.since, index);
  if (!shown || outcome.verdict == Verdict::kUnknown) {
    if (since != entry.since.end()) entry.since.erase(since);
  } else if (since == entry.since.end()) {
    entry.since.push_back({static_cast<std::uint16_t>(index), {now_seconds}});
  } else if (!same && decided.known) {
    since->since.seconds = now_seconds;
  }
  decided.known = true;
  decided.verdict = outcome.verdict;
  decided.cause = outcome.cause;
  decided.severity = outcome.severity.value_or(check.severity);
  if (decided.message.view() != outcome.message) decided.message = pool_.Intern(outcome.message);

  const auto detail = FindCheck(entry.details, index);
  const bool located = shown && (!outcome.container.empty() || !outcome.path.empty());
  if (!located) {
    if (detail != entry.details.end()) entry.details.erase(detail);
  } else {
    Entry::Detail wanted{static_cast<std::uint16_t>(index), outcome.container, pool_.Intern(outcome.path)};
    if (detail == entry.details.end()) {
      entry.details.push_back(std::move(wanted));
    } else {
      *detail = std::move(wanted);
    }
  }
}

void Engine::SetTimer(std::uint32_t subject, Entry& entry, Timestamp when) {
  if (entry.timer == when.seconds) return;
  if (entry.timer != 0) timers_.erase({entry.timer, subject});
  entry.timer = when.seconds;
  if (entry.timer != 0) timers_.insert({entry.timer, subject});
}

bool Engine::Step(WallTime now, std::size_t budget) {
  const std::int64_t now_seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  while (!timers_.empty() && timers_.begin()->first <= now_seconds) {
    const std::uint32_t subject = timers_.begin()->second;
    timers_.erase(timers_.begin());
    entries_[subject]->timer = 0;
    Queue(subject, KindSet::All(), false);
  }
  if (later_.empty()) Spread();
  for (std::size_t done = 0; done < budget;) {
    std::deque<std::uint32_t>& queue = urgent_.empty() ? later_ : urgent_;
    if (queue.empty()) break;
    const bool urgent = !urgent_.empty();
    const std::uint32_t subject = queue.front();
    queue.pop_front();
    if (subject >= entries_.size() || entries_[subject] == nullptr) continue;
    Entry& entry = *entries_[subject];
    if (!entry.queued || entry.urgent != urgent) continue;
    entry.queued = entry.urgent = false;
    ++done;
    if (Evaluate(subject, entry, now_seconds, now)) {
      entry.published = true;
      PublishSubject(subject, entry);
    }
  }
  if (cluster_touched_ && now_seconds >= cluster_due_ && urgent_.empty() && later_.empty()) {
    cluster_touched_ = false;
    cluster_due_ = now_seconds + options_.cluster_interval_seconds;
    Entry& cluster = EntryOf(kClusterSubject);
    cluster.dirty = KindSet::All();
    if (Evaluate(kClusterSubject, cluster, now_seconds, now)) stale_cluster_ = true;
    cluster.published = true;
  }
  const bool more = !urgent_.empty() || !later_.empty() || !all_workloads_.empty() || !everything_.empty();
  // Roll-ups cost a pass over the namespace: once the queue is empty, and while it is not, five times a second.
  if (!more || !last_flush_ || now - *last_flush_ >= std::chrono::milliseconds(200)) Flush(now);
  return more;
}

std::optional<WallTime> Engine::NextDue() const {
  std::optional<std::int64_t> due;
  if (!timers_.empty()) due = timers_.begin()->first;
  if (cluster_touched_ && (!due || cluster_due_ < *due)) due = cluster_due_;
  if (!due) return std::nullopt;
  return WallTime(std::chrono::seconds(*due));
}

SubjectEvidence Engine::Evidence(std::uint32_t subject) const {
  SubjectEvidence evidence;
  if (subject >= entries_.size() || entries_[subject] == nullptr) return evidence;
  const Entry& entry = *entries_[subject];
  evidence.motion_since = entry.motion_since;
  const CheckList& checks = Checks(entry.type);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const auto since = FindCheck(entry.since, i);
    const auto pending = FindCheck(entry.pending, i);
    const bool held = checks[i]->holds && entry.decided[i].decided;
    if (since == entry.since.end() && pending == entry.pending.end() && !held) continue;
    CheckEvidence one;
    one.check = checks[i]->id;
    one.shown = entry.decided[i].verdict;
    one.decided = checks[i]->holds && entry.decided[i].decided;
    if (since != entry.since.end()) one.since = since->since;
    if (pending != entry.pending.end()) one.pending_since = pending->since;
    // What is shown while something else is seen cannot be worded again.
    one.severity = entry.decided[i].severity;
    if (checks[i]->holds) {
      one.message = entry.decided[i].message.str();
      if (const auto detail = FindCheck(entry.details, i); detail != entry.details.end()) {
        one.container = detail->container.str();
        one.path = detail->path.str();
      }
    }
    evidence.checks.push_back(std::move(one));
  }
  return evidence;
}

void Engine::Restore(std::uint32_t subject, const SubjectEvidence& evidence) {
  Entry& entry = EntryOf(subject);
  entry.motion_since = evidence.motion_since;
  const CheckList& checks = Checks(entry.type);
  for (const CheckEvidence& one : evidence.checks) {
    const auto check = std::find_if(checks.begin(), checks.end(), [&](const Check* c) { return c->id == one.check; });
    if (check == checks.end()) continue;
    const auto index = static_cast<std::uint16_t>(check - checks.begin());
    Decided& decided = entry.decided[index];
    decided.known = true;
    decided.verdict = one.shown;
    decided.decided = one.decided;
    decided.severity = one.severity;
    if (!one.container.empty() || !one.path.empty()) entry.details.push_back({index, pool_.Intern(one.container), pool_.Intern(one.path)});
    decided.message = pool_.Intern(one.message);
    if (one.since.set()) entry.since.push_back({index, one.since});
    if (one.pending_since.set()) entry.pending.push_back({index, one.pending_since});
  }
}

std::string Engine::Patch(std::uint32_t subject, const Check& check) const {
  const SubjectRef ref = snapshot_.Subject(subject);
  if (check.patch == nullptr || TypeOf(ref) != check.subject) return {};
  Context context(snapshot_, last_flush_.value_or(WallTime()));
  Bind(context, ref, subject < entries_.size() && entries_[subject] ? entries_[subject]->tier : Tier::kStandard);
  context.Use(check, {});
  return check.patch(context);
}

std::size_t Engine::resident_bytes() const {
  std::size_t total = entries_.capacity() * sizeof(void*);
  for (const auto& entry : entries_) {
    if (entry == nullptr) continue;
    total += sizeof(Entry) + entry->decided.capacity() * sizeof(Decided) + entry->details.capacity() * sizeof(Entry::Detail) +
             (entry->since.capacity() + entry->pending.capacity()) * sizeof(Entry::Since);
  }
  return total;
}

}  // namespace seaworthy::score
