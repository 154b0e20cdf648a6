// One subject: which of its checks run, and what becomes of their outcomes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "score/engine.h"
#include "score/entry.h"
#include "score/identity.h"
#include "score/motion.h"
#include "score/run_check.h"

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

// Whether the silence is people's: what a scan, a missing permission or a source that does not answer leaves open is
// not.
bool CouldBeTold(UnknownCause cause) {
  return cause == UnknownCause::kNotDeclared || cause == UnknownCause::kNotObserved || cause == UnknownCause::kAbsent;
}

// A change of these may concern every check.
constexpr KindSet kExemptions = {Kind::kWaiver, Kind::kClusterWaiver, Kind::kAttestation, Kind::kClusterAttestation};

void Earlier(Timestamp& recheck, std::int64_t when, std::int64_t now_seconds) {
  if (when > now_seconds && (!recheck.set() || when < recheck.seconds)) recheck.seconds = when;
}

std::string DateOf(Timestamp time) {
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(time.seconds))));
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return text;
}

}  // namespace

void Engine::NoteReads(const Check& check, KindSet touched, KindSet own) {
  const KindSet declared = check.reads | check.needs | own;
  if (declared.Contains(touched)) return;
  for (const KindInfo& info : KindTable()) {
    if (touched.Has(info.kind) && !declared.Has(info.kind))
      undeclared_reads_.insert(std::string(check.id) + ": " + std::string(info.name));
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
  const Tier tier = ref.workload != nullptr ? policy_.TierOf(*ref.workload->workload, ns) : policy_.TierOf(ns);
  NotePriority(entry, AuxiliaryPriority(ref));
  if (tier == entry.tier) return changed;
  entry.tier = tier;
  entry.dirty = KindSet::All();
  if (ref.workload != nullptr) QueueOnlookers(*ref.workload);
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
  changed |= std::exchange(entry.stale, false);
  changed |= NoteIdentity(entry, ref);
  // What is waiting has to be looked at again when it may be shown sooner or later than was thought.
  const bool moved = ref.workload != nullptr && NoteMotion(entry, *ref.workload, now_seconds);
  // A change of the subject's own object may matter to every check; so may time.
  if (entry.dirty.Intersects(own)) entry.dirty = KindSet::All();
  const bool all = entry.dirty == KindSet::All();
  const std::string_view unreadable = snapshot_.Unreadable(ref);
  Context context(snapshot_, now);
  Bind(context, ref, entry.tier);
  context.Among(this).UseManagers(&policy_.managers()).AllowRoles(policy_.allow_roles());
  const Exemptions exemptions(snapshot_, policy_, checks_, ref, now_seconds);
  if (all) NoteChange(entry, ref, now_seconds);
  Timestamp recheck;
  Earlier(recheck, exemptions.next_change().seconds, now_seconds);
  const CheckList& checks = Checks(entry.type);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Check& check = *checks[i];
    const Policy::Rule& rule = RuleOf(entry.type, i);
    if (!rule.enabled) {
      changed |= entry.decided[i].known;
      entry.decided.Set(i, {});
      continue;
    }
    const bool touched =
        all || !entry.decided[i].known || entry.dirty.Intersects(check.reads | check.needs | kExemptions);
    if (!touched && !(moved && FindCheck(entry.pending, i) != entry.pending.end())) continue;
    std::vector<Text> waived;
    if (!exemptions.empty()) waived = exemptions.WaivedContainers(check);
    context.Waive(waived);
    Outcome outcome =
        unreadable.empty() ? RunCheck(check, context, snapshot_, rule.params) : UnreadableSubject(unreadable);
    NoteReads(check, context.touched(), own);
    Earlier(recheck, outcome.recheck.seconds, now_seconds);
    const Verdict last = entry.decided[i].last;
    if (!Stands(entry, i, outcome, exemptions))
      changed |= Decide(entry, i, std::move(outcome), exemptions, now_seconds, recheck);
    NoteTransition(entry, i, last, ref, now_seconds);
  }
  if (all && entry.rules != policy_.hash()) entry.rules = pool_.Intern(policy_.hash());
  ++evaluations_;
  entry.dirty = {};
  // A partial evaluation knows only its own checks' times: the earlier timer stays.
  if (!all && entry.timer != 0 && (!recheck.set() || entry.timer < recheck.seconds)) recheck.seconds = entry.timer;
  SetTimer(subject, entry, recheck);
  if (!changed) return false;
  const std::vector<Finding> findings = Verdicts(entry);
  entry.summary = Summarise(findings, scoring_);
  entry.sums = SumSections(findings, scoring_);
  std::string_view reason;
  entry.ready = ProductionReady(findings, entry.summary, scoring_, reason);
  return true;
}

// Whether the outcome is what is shown and kept already, so that Decide would change nothing: what nearly every
// evaluation of a check comes to.
bool Engine::Stands(const Entry& entry, std::size_t index, const Outcome& outcome, const Exemptions& exemptions) const {
  const Check& check = *Checks(entry.type)[index];
  const Decided& decided = entry.decided[index];
  const bool unknown = outcome.verdict == Verdict::kUnknown;
  if (!decided.known || decided.verdict != outcome.verdict || decided.cause != outcome.cause ||
      decided.decided == unknown || decided.beneath != Verdict::kUnknown || !exemptions.empty() || outcome.left_out ||
      MustLast(check, outcome))
    return false;
  if (unknown && policy_.profile() == Profile::kStrict) return false;
  if (decided.severity != SeverityOf(entry.type, index, outcome) || decided.message.view() != outcome.message)
    return false;
  if (FindCheck(entry.pending, index) != entry.pending.end() ||
      FindCheck(entry.exempted, index) != entry.exempted.end())
    return false;
  const bool complaint = outcome.verdict == Verdict::kWarn || outcome.verdict == Verdict::kFail;
  if (!complaint && !unknown) return true;  // neither since when nor where is kept of it
  if (complaint && FindCheck(entry.since, index) == entry.since.end()) return false;
  const auto detail = FindCheck(entry.details, index);
  if (detail == entry.details.end()) return outcome.container.empty() && outcome.path.empty();
  return detail->container == outcome.container && detail->path.view() == outcome.path;
}

// What a policy says of a check's severity is the last word; otherwise a finding may be graver than its check.
Severity Engine::SeverityOf(SubjectType type, std::size_t index, const Outcome& outcome) const {
  const Severity severity = RuleOf(type, index).severity;
  return severity != Checks(type)[index]->severity ? severity : outcome.severity.value_or(severity);
}

// Most say the same of many subjects, one after another.
Text Engine::Said(SubjectType type, std::size_t index, std::string_view message) {
  Text& last = said_[static_cast<std::size_t>(type)][index];
  if (last.view() != message) last = pool_.Intern(message);
  return last;
}

bool Engine::Decide(Entry& entry, std::size_t index, Outcome outcome, const Exemptions& exemptions,
                    std::int64_t now_seconds, Timestamp& recheck) {
  const Check& check = *Checks(entry.type)[index];
  const Decided before = entry.decided[index];
  Decided decided = before;

  const auto pending = FindCheck(entry.pending, index);
  if (MustLast(check, outcome)) {
    Pending& waiting =
        pending != entry.pending.end() ? *pending : AddCheck(entry.pending, Pending{static_cast<std::uint16_t>(index)});
    const std::int64_t shown_from = std::max(LastsFrom(check, outcome, now_seconds, waiting), entry.suspended_until);
    Earlier(recheck, shown_from, now_seconds);
    if (shown_from > now_seconds) {
      if (decided.decided) return false;  // the last decided verdict stays shown
      outcome = Outcome::Unknown(
          UnknownCause::kNotObserved,
          "judged once it has lasted for " + std::to_string(check.hold_minutes) + " minutes outside rollouts");
    }
    decided.decided = shown_from <= now_seconds;
  } else {
    if (pending != entry.pending.end()) entry.pending.erase(pending);
    decided.decided = outcome.verdict != Verdict::kUnknown;
  }

  Verdict beneath = Verdict::kUnknown;
  const std::size_t exempted_before = entry.exempted.size();
  const auto by_before = FindCheck(entry.exempted, index);
  const std::optional<Entry::Exempted> exemption_before =
      by_before == entry.exempted.end() ? std::nullopt : std::optional(*by_before);
  Exempt(entry, index, outcome, beneath, exemptions, now_seconds);
  const auto by_after = FindCheck(entry.exempted, index);
  const bool exemption_moved =
      entry.exempted.size() != exempted_before ||
      (exemption_before && by_after != entry.exempted.end() && !(*by_after == *exemption_before));
  const bool shown = outcome.verdict != Verdict::kPass && outcome.verdict != Verdict::kNa;
  const auto since = FindCheck(entry.since, index);
  if (outcome.verdict != Verdict::kWarn && outcome.verdict != Verdict::kFail) {
    if (since != entry.since.end()) entry.since.erase(since);
  } else if (since == entry.since.end()) {
    AddCheck(entry.since, Entry::Since::Of(index, {now_seconds}));
  } else if (decided.known && decided.verdict != outcome.verdict) {
    since->Set({now_seconds});
  }
  decided.known = true;
  decided.verdict = outcome.verdict;
  decided.cause = outcome.cause;
  decided.beneath = beneath;
  decided.severity = SeverityOf(entry.type, index, outcome);
  if (decided.message.view() != outcome.message) decided.message = Said(entry.type, index, outcome.message);
  if (IsDecided(decided.verdict)) decided.last = decided.verdict;
  entry.decided.Set(index, decided);

  const auto detail = FindCheck(entry.details, index);
  bool moved = false;
  if (!shown || (outcome.container.empty() && outcome.path.empty())) {
    moved = detail != entry.details.end();
    if (moved) entry.details.erase(detail);
  } else if (detail == entry.details.end()) {
    moved = true;
    AddCheck(entry.details, {static_cast<std::uint16_t>(index), outcome.container, pool_.Intern(outcome.path)});
  } else if (detail->container != outcome.container || detail->path.view() != outcome.path) {
    moved = true;
    detail->container = outcome.container;
    detail->path = pool_.Intern(outcome.path);
  }
  return moved || exemption_moved || !decided.ShowsAs(before);
}

void Engine::Exempt(Entry& entry, std::size_t index, Outcome& outcome, Verdict& beneath, const Exemptions& exemptions,
                    std::int64_t now_seconds) {
  const Check& check = *Checks(entry.type)[index];
  const auto old = FindCheck(entry.exempted, index);
  if (old != entry.exempted.end()) entry.exempted.erase(old);
  if (outcome.verdict == Verdict::kNa) return;
  const auto ends = [&](Timestamp until) {
    const bool soon = until.set() && until.seconds - now_seconds <= kNoticeSeconds;
    return soon ? ", which ends on " + DateOf(until) : std::string();
  };
  const auto cover = [&](Verdict verdict, const std::string& by, Timestamp until, const std::string& words) {
    beneath = outcome.verdict;
    const bool found =
        outcome.verdict == Verdict::kWarn || outcome.verdict == Verdict::kFail || outcome.verdict == Verdict::kUnknown;
    outcome.message =
        words + ends(until) + (found && !outcome.message.empty() ? "; found: " + outcome.message.str() : "");
    outcome.verdict = verdict;
    outcome.cause = UnknownCause::kNone;
    AddCheck(entry.exempted, {static_cast<std::uint16_t>(index), pool_.Intern(by), until});
  };
  if (const AppliedWaiver* waiver = exemptions.WaiverOf(check)) {
    cover(Verdict::kWaived, waiver->name, waiver->until, "waived by " + waiver->name + " (" + waiver->reason + ")");
    return;
  }
  if (outcome.left_out && outcome.verdict == Verdict::kPass) {
    const AppliedWaiver& waiver = *exemptions.ContainerWaiverOf(check);
    // What is left out is all that there was to find.
    outcome.verdict = Verdict::kFail;
    outcome.message = outcome.waived_finding;
    cover(Verdict::kWaived, waiver.name, waiver.until,
          "waived by " + waiver.name + " (" + waiver.reason + ") for the containers that it names");
    return;
  }
  if (const std::string_view why = exemptions.RefusedAnnotation(check);
      !why.empty() && outcome.verdict != Verdict::kPass) {
    (outcome.message += "; the annotation seaworthy.dev/waive ") += why;
  }
  if (!check.attestable) return;
  const bool open = outcome.verdict == Verdict::kUnknown ||
                    ((outcome.verdict == Verdict::kWarn || outcome.verdict == Verdict::kFail) && outcome.absence);
  if (!open) return;
  if (const AppliedAttestation* applied = exemptions.AttestationOf(check)) {
    const Attestation& attestation = *applied->attestation;
    const std::string kind = attestation.kind == Kind::kAttestation ? "Attestation/" : "ClusterAttestation/";
    cover(Verdict::kAttested, kind + attestation.meta.name.str(), applied->until,
          "attested by " + attestation.by.str() + " on " + DateOf(attestation.performed_at));
    return;
  }
  if (policy_.profile() == Profile::kStrict && entry.type == SubjectType::kWorkload && entry.tier == Tier::kCritical &&
      outcome.verdict == Verdict::kUnknown && CouldBeTold(outcome.cause)) {
    outcome.verdict = Verdict::kFail;  // the strict profile takes no silence for an answer
    outcome.message = "not attested; " + outcome.message.str();
    outcome.cause = UnknownCause::kNone;
  }
}

void Engine::NoteChange(Entry& entry, const SubjectRef& ref, std::int64_t now_seconds) {
  if (ref.workload == nullptr) return;
  const Workload& workload = *ref.workload->workload;
  const std::uint64_t judged =
      (workload.template_hash * 31 + static_cast<std::uint64_t>(workload.meta.generation)) * 31 +
      workload.meta.uid.low + 1;
  // Who did it: the entry that is newer than what was seen before. A change that only removes something leaves no
  // entry, so there may be none.
  const FieldManager* newest = nullptr;
  for (const FieldManager& manager : workload.meta.managers) {
    if (manager.subresource.empty() && (newest == nullptr || manager.time > newest->time)) newest = &manager;
  }
  if (entry.judged != 0 && entry.judged != judged) {
    const bool moved = newest != nullptr && (newest->time > entry.manager_seen ||
                                             (newest->time == entry.manager_seen && newest->name != entry.changed_by));
    entry.changed_by = moved ? newest->name : Text();
    entry.changed_at.seconds = now_seconds;
  }
  if (newest != nullptr) entry.manager_seen = newest->time;
  entry.judged = judged;
}

void Engine::NoteTransition(Entry& entry, std::size_t index, Verdict last, const SubjectRef& ref,
                            std::int64_t now_seconds) {
  const Verdict from = last, now = entry.decided[index].verdict;
  if (!IsDecided(now)) return;
  // What was restored stands as it is, and what was decided before that may be another.
  if (entry.decided[index].last != now) {
    Decided decided = entry.decided[index];
    decided.last = now;
    entry.decided.Set(index, decided);
  }
  if (from == Verdict::kUnknown || from == now) return;
  const Check& check = *Checks(entry.type)[index];
  Transition transition;
  transition.check = &check;
  transition.from = from;
  transition.to = now;
  transition.when.seconds = now_seconds;
  if (ref.workload != nullptr) transition.generation = ref.workload->workload->meta.generation;
  // What is read from status shows only a while after the change that it comes from.
  constexpr std::int64_t kEcho = 30 * 60;
  const std::int64_t echo = check.holds || check.reads.Has(Kind::kPod) ? kEcho : 0;
  if (!entry.rules.empty() && entry.rules != policy_.hash()) {
    transition.cause = Cause::kChecklist;
  } else if (from == Verdict::kAttested) {
    transition.cause = Cause::kExpiry;
  } else if (entry.changed_at.set() && now_seconds - entry.changed_at.seconds <= echo) {
    transition.cause = Cause::kWorkload;
    transition.manager = entry.changed_by;
  }
  constexpr std::size_t kKept = 10;
  if (entry.transitions.size() == kKept) entry.transitions.erase(entry.transitions.begin());
  entry.transitions.push_back(std::move(transition));
  entry.fresh_transitions = std::min(entry.fresh_transitions + 1, entry.transitions.size());
}

SubjectEvidence Engine::Evidence(std::uint32_t subject) const {
  SubjectEvidence evidence;
  if (subject >= entries_.size() || entries_[subject] == nullptr) return evidence;
  const Entry& entry = *entries_[subject];
  evidence.motion_since = entry.motion_since;
  evidence.rules = entry.rules.str();
  evidence.judged = entry.judged;
  evidence.changed_at = entry.changed_at;
  evidence.changed_by = entry.changed_by.str();
  evidence.manager_seen = entry.manager_seen;
  for (const Transition& one : entry.transitions) {
    evidence.transitions.push_back(
        {std::string(one.check->id), one.from, one.to, one.when, one.cause, one.generation, one.manager.str()});
  }
  const CheckList& checks = Checks(entry.type);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const auto since = FindCheck(entry.since, i);
    const auto pending = FindCheck(entry.pending, i);
    const bool held = checks[i]->holds && entry.decided[i].decided;
    const Verdict last = entry.decided[i].last;
    if (since == entry.since.end() && pending == entry.pending.end() && !held && last == Verdict::kUnknown) continue;
    CheckEvidence one;
    one.check = checks[i]->id;
    one.shown = entry.decided[i].verdict;
    one.last = last;
    one.decided = checks[i]->holds && entry.decided[i].decided;
    if (since != entry.since.end()) one.since = since->since();
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
  RefreshPolicies();  // evidence of custom checks finds them
  Entry& entry = EntryOf(subject);
  const CheckList& checks = Checks(entry.type);
  entry.decided.Reset(checks.size());
  entry.details.clear();
  entry.since.clear();
  entry.pending.clear();
  entry.motion_since = evidence.motion_since;
  entry.exempted.clear();
  entry.rules = pool_.Intern(evidence.rules);
  entry.judged = evidence.judged;
  entry.changed_at = evidence.changed_at;
  entry.changed_by = pool_.Intern(evidence.changed_by);
  entry.manager_seen = evidence.manager_seen;
  entry.transitions.clear();
  for (const TransitionEvidence& one : evidence.transitions) {
    const auto check = std::find_if(checks.begin(), checks.end(), [&](const Check* c) { return c->id == one.check; });
    if (check != checks.end())
      entry.transitions.push_back(
          {*check, one.from, one.to, one.when, one.cause, one.generation, pool_.Intern(one.manager)});
  }
  for (const CheckEvidence& one : evidence.checks) {
    const auto check = std::find_if(checks.begin(), checks.end(), [&](const Check* c) { return c->id == one.check; });
    if (check == checks.end()) continue;
    const auto index = static_cast<std::uint16_t>(check - checks.begin());
    Decided decided;
    decided.verdict = one.shown;
    decided.last = one.last;
    decided.known = decided.decided = one.decided;
    // Evidence tells it of complaints alone; whatever else is held weighs as its check does.
    const bool complaint = one.shown == Verdict::kWarn || one.shown == Verdict::kFail;
    decided.severity = complaint ? one.severity : RuleOf(entry.type, index).severity;
    decided.message = pool_.Intern(one.message);
    if (!one.container.empty() || !one.path.empty())
      AddCheck(entry.details, {index, pool_.Intern(one.container), pool_.Intern(one.path)});
    if (one.since.set()) {
      decided.known = true;
      AddCheck(entry.since, Entry::Since::Of(index, one.since));
    }
    entry.decided.Set(index, decided);
    if (one.pending_since.set()) AddCheck(entry.pending, {index, one.pending, one.pending_since});
  }
  if (subject == kClusterSubject) {
    cluster_touched_ = true;
  } else {
    Queue(subject, KindSet::All(), false);
  }
}

}  // namespace seaworthy::score
