// One subject: which of its checks run, and what becomes of their outcomes.
#include <algorithm>

#include "score/engine.h"
#include "score/entry.h"
#include "score/identity.h"
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

void Earlier(Timestamp& recheck, std::int64_t when, std::int64_t now_seconds) {
  if (when > now_seconds && (!recheck.set() || when < recheck.seconds)) recheck.seconds = when;
}

}  // namespace

void Engine::NoteReads(const Check& check, KindSet touched, KindSet own) {
  const KindSet declared = check.reads | check.needs | own;
  if (declared.Contains(touched)) return;
  for (const KindInfo& info : KindTable()) {
    if (touched.Has(info.kind) && !declared.Has(info.kind)) undeclared_reads_.insert(std::string(check.id) + ": " + std::string(info.name));
  }
}

bool Engine::NoteIdentity(Entry& entry, const SubjectRef& ref) {
  bool changed = false;
  if (ref.workload != nullptr) {
    const std::uint64_t identity = IdentityOf(*ref.workload->workload);
    changed = std::exchange(entry.identity, identity) != identity;
  }
  if (ref.workload == nullptr && ref.ns == nullptr) return changed;
  const NamespaceRecord& ns = ref.workload != nullptr ? *ref.workload->ns : *ref.ns;
  if (entry.type != SubjectType::kNamespace) entry.ns = ns.subject;
  const Tier tier = TierOf(ns);
  if (tier == entry.tier) return changed;
  entry.tier = tier;
  entry.dirty = KindSet::All();
  return true;
}

bool Engine::NoteMotion(Entry& entry, const WorkloadRecord& record, std::int64_t now_seconds) {
  const Motion motion = MotionOf(record, now_seconds);
  std::int64_t until = motion.young_until;
  if (motion.rolling) {
    if (!entry.motion_since.set()) entry.motion_since.seconds = now_seconds;
    const Timestamp since = motion.since.set() ? motion.since : entry.motion_since;
    until = std::max(until, std::min(since.seconds, now_seconds) + motion.limit_seconds);
  } else {
    entry.motion_since = {};
  }
  return std::exchange(entry.suspended_until, until) != until;
}

bool Engine::Evaluate(std::uint32_t subject, Entry& entry, std::int64_t now_seconds, WallTime now) {
  const SubjectRef ref = snapshot_.Subject(subject);
  const KindSet own = OwnKinds(ref, entry.type);
  bool changed = !entry.published;
  changed |= NoteIdentity(entry, ref);
  // What is waiting has to be looked at again when it may be shown sooner or later than was thought.
  const bool moved = ref.workload != nullptr && NoteMotion(entry, *ref.workload, now_seconds);
  // A change of the subject's own object may matter to every check; so may time.
  if (entry.dirty.Intersects(own)) entry.dirty = KindSet::All();
  const bool all = entry.dirty == KindSet::All();
  const std::string_view unreadable = snapshot_.Unreadable(ref);
  Context context(snapshot_, now);
  Bind(context, ref, entry.tier);
  Timestamp recheck;
  const CheckList& checks = Checks(entry.type);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Check& check = *checks[i];
    const bool touched = all || !entry.decided[i].known || entry.dirty.Intersects(check.reads | check.needs);
    if (!touched && !(moved && FindCheck(entry.pending, i) != entry.pending.end())) continue;
    Outcome outcome = unreadable.empty() ? RunCheck(check, context, snapshot_) : UnreadableSubject(unreadable);
    NoteReads(check, context.touched(), own);
    changed |= Decide(entry, i, std::move(outcome), now_seconds, recheck);
  }
  ++evaluations_;
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

bool Engine::Decide(Entry& entry, std::size_t index, Outcome outcome, std::int64_t now_seconds, Timestamp& recheck) {
  const Check& check = *Checks(entry.type)[index];
  Decided& decided = entry.decided[index];
  Earlier(recheck, outcome.recheck.seconds, now_seconds);

  const auto pending = FindCheck(entry.pending, index);
  if (MustLast(check, outcome)) {
    Pending& waiting = pending != entry.pending.end() ? *pending : entry.pending.emplace_back();
    waiting.check = static_cast<std::uint16_t>(index);
    const std::int64_t shown_from = std::max(LastsFrom(check, outcome, now_seconds, waiting), entry.suspended_until);
    Earlier(recheck, shown_from, now_seconds);
    if (shown_from > now_seconds) {
      if (decided.decided) return false;  // the last decided verdict stays shown
      outcome = Outcome::Unknown(UnknownCause::kNotObserved, "judged once it has lasted for " + std::to_string(check.hold_minutes) +
                                                                 " minutes outside rollouts");
    }
    decided.decided = shown_from <= now_seconds;
  } else {
    if (pending != entry.pending.end()) entry.pending.erase(pending);
    decided.decided = outcome.verdict != Verdict::kUnknown;
  }

  const Decided before = decided;
  const bool shown = outcome.verdict != Verdict::kPass && outcome.verdict != Verdict::kNa;
  const auto since = FindCheck(entry.since, index);
  if (!shown || outcome.verdict == Verdict::kUnknown) {
    if (since != entry.since.end()) entry.since.erase(since);
  } else if (since == entry.since.end()) {
    entry.since.push_back({static_cast<std::uint16_t>(index), {now_seconds}});
  } else if (decided.known && decided.verdict != outcome.verdict) {
    since->since.seconds = now_seconds;
  }
  decided.known = true;
  decided.verdict = outcome.verdict;
  decided.cause = outcome.cause;
  decided.severity = outcome.severity.value_or(check.severity);
  if (decided.message.view() != outcome.message) decided.message = pool_.Intern(outcome.message);

  const auto detail = FindCheck(entry.details, index);
  bool moved = false;
  if (!shown || (outcome.container.empty() && outcome.path.empty())) {
    moved = detail != entry.details.end();
    if (moved) entry.details.erase(detail);
  } else {
    Entry::Detail wanted{static_cast<std::uint16_t>(index), outcome.container, pool_.Intern(outcome.path)};
    moved = detail == entry.details.end() || !(*detail == wanted);
    (detail == entry.details.end() ? entry.details.emplace_back() : *detail) = std::move(wanted);
  }
  return moved || !decided.ShowsAs(before);
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
    if (pending != entry.pending.end()) {
      one.pending_since = pending->since;
      one.pending = pending->verdict;
    }
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
  const CheckList& checks = Checks(entry.type);
  entry.decided.assign(checks.size(), {});
  entry.details.clear();
  entry.since.clear();
  entry.pending.clear();
  entry.motion_since = evidence.motion_since;
  for (const CheckEvidence& one : evidence.checks) {
    const auto check = std::find_if(checks.begin(), checks.end(), [&](const Check* c) { return c->id == one.check; });
    if (check == checks.end()) continue;
    const auto index = static_cast<std::uint16_t>(check - checks.begin());
    Decided& decided = entry.decided[index];
    decided.verdict = one.shown;
    decided.known = decided.decided = one.decided;
    decided.severity = one.severity;
    decided.message = pool_.Intern(one.message);
    if (!one.container.empty() || !one.path.empty()) entry.details.push_back({index, pool_.Intern(one.container), pool_.Intern(one.path)});
    if (one.since.set()) {
      decided.known = true;
      entry.since.push_back({index, one.since});
    }
    if (one.pending_since.set()) entry.pending.push_back({index, one.pending, one.pending_since});
  }
  if (subject == kClusterSubject) {
    cluster_touched_ = true;
  } else {
    Queue(subject, KindSet::All(), false);
  }
}

}  // namespace seaworthy::score
