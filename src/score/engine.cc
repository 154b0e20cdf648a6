// The queue: which subjects are evaluated, when, and in which order.
#include "score/engine.h"

#include <algorithm>
#include <utility>

#include "score/entry.h"
#include "score/run_check.h"
#include "seaworthy/scheduling.h"

namespace seaworthy::score {
namespace {

// A fan-out gets every so many-th turn while direct changes wait: a cluster that never rests must not starve it.
constexpr unsigned kFairTurn = 8;
constexpr std::chrono::milliseconds kBusyFlush{200};
constexpr KindSet kOwnKinds = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
                               Kind::kReplicaSet};

}  // namespace

Engine::Engine(const Snapshot& snapshot, std::span<const Check* const> checks, TextPool& pool, EngineOptions options)
    : snapshot_(snapshot),
      pool_(pool),
      options_(options),
      built_in_(checks.begin(), checks.end()),
      checks_(built_in_),
      policy_(checks) {
  for (const Check* check : checks) {
    by_type_[static_cast<std::size_t>(check->subject)].push_back(check);
    if (check->bears_on_all != nullptr && beacons_.size() < kMaxBeacons) beacons_.push_back(check);
  }
  LookUpRules();
}

Engine::~Engine() = default;

Engine::Entry& Engine::EntryOf(std::uint32_t subject) {
  if (subject >= entries_.size()) entries_.resize(subject + 1);
  std::unique_ptr<Entry>& entry = entries_[subject];
  if (entry == nullptr) {
    entry = std::make_unique<Entry>(decided_);
    entry->type = TypeOf(snapshot_.Subject(subject));
    entry->decided.Reset(Checks(entry->type).size());
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
      if (touch.kinds.Has(Kind::kAuditPolicy)) policy_touched_ = true;
      everything_ = everything_ | touch.kinds;
      cluster_touched_ = true;
      return;
    case Touch::Scope::kRemoved: Drop(touch.subject); return;
  }
}

void Engine::TouchAll() {
  priorities_stale_ = true;
  everything_ = KindSet::All();
  cluster_touched_ = true;
  cluster_due_ = 0;
}

void Engine::Queue(std::uint32_t subject, KindSet kinds, bool direct) {
  const SubjectRef ref = snapshot_.Subject(subject);
  if (TypeOf(ref) == SubjectType::kCluster) return;  // gone in the meantime
  Entry& entry = EntryOf(subject);
  entry.dirty = entry.dirty | kinds;
  // A workload that exists only through its pods changes with them.
  if (ref.workload != nullptr && !beacons_.empty() &&
      (kinds.Intersects(kOwnKinds) || ref.workload->synthetic != nullptr)) {
    Beacons now{};
    for (std::size_t i = 0; i < beacons_.size(); ++i) now[i] = beacons_[i]->bears_on_all(*ref.workload->workload);
    NoteBeacons(entry, now);
  }
  if (!entry.queued) {
    entry.queued = true;
    ++queued_total_;
    entry.urgent = direct;
    (direct ? urgent_ : later_).push_back(subject);
  } else if (direct && !entry.urgent) {
    entry.urgent = true;  // its place in the other queue becomes a no-op
    urgent_.push_back(subject);
  }
}

// Evaluates everywhere what the workload has begun or ceased to bear on. The kinds of workloads are left out of the
// fan-out: they would make every check of every workload run.
void Engine::NoteBeacons(Entry& entry, const Beacons& now) {
  const Beacons before = std::exchange(entry.beacons, now);
  for (std::size_t i = 0; i < beacons_.size(); ++i) {
    if (before[i] != now[i])
      all_workloads_ = all_workloads_ | (beacons_[i]->reads | beacons_[i]->needs).Without(kOwnKinds);
  }
}

// What the subject adds to what all of tier critical are to stand above. Nobody can be put above the system's own
// classes, which node agents have.
OptInt Engine::AuxiliaryPriority(const SubjectRef& ref) const {
  if (ref.workload == nullptr || TierOf(*ref.workload) != Tier::kAuxiliary) return {};
  const OptInt priority = PriorityOf(snapshot_, *ref.workload->workload->spec);
  return priority.value_or(0) <= kHighestUserPriority ? priority : OptInt();
}

// Before anybody is judged by them: a verdict that is wrong for a moment forgets since when the right one stood.
void Engine::NoteAllPriorities() {
  priorities_stale_ = false;
  for (std::uint32_t id = 1; id < snapshot_.SubjectLimit(); ++id) {
    const SubjectRef ref = snapshot_.Subject(id);
    if (ref.workload != nullptr) NotePriority(EntryOf(id), AuxiliaryPriority(ref));
  }
}

void Engine::NotePriority(Entry& entry, OptInt now) {
  const OptInt before = std::exchange(entry.auxiliary_priority, now);
  if (before == now) return;
  const OptInt highest = HighestAuxiliaryPriority();
  if (now.has_value()) ++auxiliary_priorities_[*now];
  if (before.has_value()) {
    const auto of = auxiliary_priorities_.find(*before);
    if (--of->second == 0) auxiliary_priorities_.erase(of);
  }
  if (HighestAuxiliaryPriority() != highest) all_workloads_.Add(Kind::kPriorityClass);
}

// Another tier makes it another neighbour.
void Engine::QueueOnlookers(const WorkloadRecord& record) {
  for (const Pod* pod : record.pods) {
    const NodeRecord* node = pod->node.empty() ? nullptr : snapshot_.FindNode(pod->node);
    if (node == nullptr) continue;
    for (const std::uint32_t subject : node->onlookers) Queue(subject, {Kind::kPod}, false);
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
  if (workloads == KindSet::All()) all_workloads_ = {};  // what was found on the way: everything runs anyway
  before_spread_ = later_.size();
}

void Engine::Drop(std::uint32_t subject) {
  if (subject >= entries_.size() || entries_[subject] == nullptr) return;
  Entry& entry = *entries_[subject];
  if (entry.timer != 0) timers_.erase({entry.timer, subject});
  if (entry.published && entry.type != SubjectType::kBudget) {
    for (Sink* sink : sinks_) sink->Remove(subject);
  }
  NoteBeacons(entry, {});
  NotePriority(entry, {});
  stale_namespaces_.erase(subject);
  if (entry.ns != 0) stale_namespaces_.insert(entry.ns);
  stale_cluster_ = true;
  entries_[subject].reset();
}

void Engine::SetTimer(std::uint32_t subject, Entry& entry, Timestamp when) {
  if (entry.timer == when.seconds) return;
  if (entry.timer != 0) timers_.erase({entry.timer, subject});
  entry.timer = when.seconds;
  if (entry.timer != 0) timers_.insert({entry.timer, subject});
}

// Queues whose time has come.
void Engine::Wake(std::int64_t now_seconds) {
  while (!timers_.empty() && timers_.begin()->first <= now_seconds) {
    const std::uint32_t subject = timers_.begin()->second;
    timers_.erase(timers_.begin());
    entries_[subject]->timer = 0;
    if (subject == kClusterSubject) {
      cluster_touched_ = true;
    } else {
      Queue(subject, KindSet::All(), false);
    }
  }
}

// 0: nobody is waiting.
std::uint32_t Engine::NextSubject() {
  while (!urgent_.empty() || !later_.empty()) {
    const bool urgent = later_.empty() || (!urgent_.empty() && turns_ % kFairTurn != kFairTurn - 1);
    std::deque<std::uint32_t>& queue = urgent ? urgent_ : later_;
    const std::uint32_t subject = queue.front();
    queue.pop_front();
    if (!urgent && before_spread_ > 0) --before_spread_;
    if (subject >= entries_.size() || entries_[subject] == nullptr) continue;
    Entry& entry = *entries_[subject];
    if (!entry.queued || entry.urgent != urgent) continue;
    entry.queued = entry.urgent = false;
    ++turns_;
    return subject;
  }
  return 0;
}

bool Engine::Step(WallTime now, std::size_t budget) {
  const std::int64_t now_seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  now_ = now;
  if (!namespaces_flushed_) namespaces_flushed_ = now;
  if (policy_touched_) RefreshPolicy();
  if (priorities_stale_) NoteAllPriorities();
  Wake(now_seconds);
  if (later_.empty() || before_spread_ == 0) Spread();
  for (std::size_t done = 0; done < budget; ++done) {
    const std::uint32_t subject = NextSubject();
    if (subject == 0) break;
    Entry& entry = *entries_[subject];
    if (!Evaluate(subject, entry, now_seconds, now)) continue;
    entry.published = true;
    PublishSubject(subject, entry);
    entry.fresh_transitions = 0;
  }
  const bool more = !urgent_.empty() || !later_.empty() || !all_workloads_.empty() || !everything_.empty();
  // It waits for a pause, for an interval at most.
  const std::int64_t interval = options_.cluster_interval_seconds;
  if (cluster_touched_ && now_seconds >= cluster_due_ + (more ? interval : 0)) EvaluateCluster(now_seconds, now);
  // Roll-ups cost a pass over the namespace: once the queue is empty, and while it is not, five times a second.
  if (!more || now < *namespaces_flushed_ || now - *namespaces_flushed_ >= kBusyFlush) {
    namespaces_flushed_ = now;
    FlushNamespaces();
    FlushCluster(now);
  }
  return more;
}

void Engine::SetExtraPolicies(std::vector<const AuditPolicy*> policies) {
  extra_policies_ = std::move(policies);
  policy_touched_ = true;
}

// The rules changed, or may have: whoever is judged by them is judged again.
void Engine::RefreshPolicy() {
  policy_touched_ = false;
  std::vector<const AuditPolicy*> policies = extra_policies_;
  for (const Object* object : snapshot_.Objects(Kind::kAuditPolicy))
    policies.push_back(static_cast<const AuditPolicy*>(object));
  std::stable_sort(policies.begin(), policies.end(),
                   [](const AuditPolicy* a, const AuditPolicy* b) { return a->meta.name < b->meta.name; });
  if (custom_.Update(policies)) ReplaceCustomChecks();
  policy_ = Policy(checks_, std::move(policies));
  LookUpRules();
  for (const auto& [policy, notes] : custom_.notes()) policy_.Note(policy, notes.problems, notes.conflicts);
  if (const ScoringOptions scoring = policy_.scoring(snapshot_.offline()); scoring != scoring_) {
    // Scores and readiness may change where no verdict does.
    scoring_ = scoring;
    stale_cluster_ = true;
    for (const std::unique_ptr<Entry>& entry : entries_) {
      if (entry != nullptr) entry->stale = true;
    }
  }
  TouchAll();
}

// Once a policy, not once an evaluation.
void Engine::LookUpRules() {
  for (std::size_t type = 0; type < std::size(by_type_); ++type) {
    rules_[type].clear();
    for (const Check* check : by_type_[type]) rules_[type].push_back(&policy_.RuleOf(*check));
    said_[type].resize(by_type_[type].size());
  }
}

// The custom checks stand behind the built-in ones. What was decided by one that stays is kept under its new number;
// what was decided by another expression of the same id is decided anew.
void Engine::ReplaceCustomChecks() {
  std::vector<CheckList> before(std::begin(by_type_), std::end(by_type_));
  checks_ = built_in_;
  for (CheckList& list : by_type_)
    std::erase_if(list, [this](const Check* check) {
      return std::find(built_in_.begin(), built_in_.end(), check) == built_in_.end();
    });
  for (const Check* check : custom_.checks()) {
    checks_.push_back(check);
    by_type_[static_cast<std::size_t>(check->subject)].push_back(check);
  }
  constexpr std::size_t kGone = std::size_t{1} << 20;
  std::vector<std::vector<std::size_t>> moved(before.size());
  for (std::size_t type = 0; type < before.size(); ++type) {
    for (const Check* check : before[type]) {
      const auto now = std::find(by_type_[type].begin(), by_type_[type].end(), check);
      moved[type].push_back(now == by_type_[type].end() ? kGone
                                                        : static_cast<std::size_t>(now - by_type_[type].begin()));
    }
  }
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry == nullptr) continue;
    const auto type = static_cast<std::size_t>(entry->type);
    const std::vector<std::size_t>& to = moved[type];
    DecidedList decided(decided_);
    decided.Reset(by_type_[type].size());
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (to[i] != kGone) decided.Set(to[i], entry->decided[i]);
    }
    entry->decided = std::move(decided);
    const auto renumber = [&to](auto& list) {
      erase_if(list, [&to](const auto& item) { return to[item.check] == kGone; });
      for (auto& item : list) item.check = static_cast<std::uint16_t>(to[item.check]);
      std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.check < b.check; });
    };
    renumber(entry->details);
    renumber(entry->since);
    renumber(entry->pending);
    renumber(entry->exempted);
    // What a check did that nobody asks for any more is not told; a new process would not know it either.
    erase_if(entry->transitions, [&](const Transition& one) {
      return std::find(by_type_[type].begin(), by_type_[type].end(), one.check) == by_type_[type].end();
    });
    entry->fresh_transitions = std::min(entry->fresh_transitions, entry->transitions.size());
    entry->stale = true;
  }
}

CustomErrorCounts Engine::CustomErrors() const {
  CustomErrorCounts errors;
  for (const Check* check : custom_.checks()) {
    const CheckList& list = Checks(check->subject);
    const auto index = static_cast<std::size_t>(std::find(list.begin(), list.end(), check) - list.begin());
    std::size_t count = 0;
    for (const auto& entry : entries_) {
      if (entry == nullptr || entry->type != check->subject) continue;
      const Decided& decided = entry->decided[index];
      if (decided.known && decided.verdict == Verdict::kUnknown && decided.cause == UnknownCause::kUnreadable) ++count;
    }
    constexpr std::string_view kPrefix = "AuditPolicy/";
    if (count > 0) errors[std::string(check->source.substr(kPrefix.size()))][std::string(check->id)] = count;
  }
  return errors;
}

void Engine::EvaluateCluster(std::int64_t now_seconds, WallTime now) {
  cluster_touched_ = false;
  cluster_due_ = now_seconds + options_.cluster_interval_seconds;
  Entry& cluster = EntryOf(kClusterSubject);
  cluster.dirty = KindSet::All();
  if (Evaluate(kClusterSubject, cluster, now_seconds, now)) stale_cluster_ = true;
  cluster.published = true;
}

std::optional<WallTime> Engine::NextDue() const {
  std::optional<WallTime> due;
  const auto sooner = [&due](WallTime when) {
    if (!due || when < *due) due = when;
  };
  if (!timers_.empty()) sooner(WallTime(std::chrono::seconds(timers_.begin()->first)));
  if (cluster_touched_) sooner(WallTime(std::chrono::seconds(cluster_due_)));
  if (stale_cluster_) sooner(cluster_flushed_.value_or(WallTime()) + options_.cluster_report_interval);
  return due;
}

std::string Engine::Patch(std::uint32_t subject, const Check& check) const {
  const SubjectRef ref = snapshot_.Subject(subject);
  if (check.patch == nullptr || TypeOf(ref) != check.subject) return {};
  // Patches are strategic, which the API server takes for its own kinds alone: lists of a custom resource have no keys.
  if (ref.workload != nullptr && ref.workload->workload->workload_class == WorkloadClass::kOther) return {};
  Context context(snapshot_, now_);
  Bind(context, ref, subject < entries_.size() && entries_[subject] ? entries_[subject]->tier : Tier::kStandard);
  context.UseManagers(&policy_.managers())
      .AllowRoles(policy_.allow_roles())
      .Use(check, policy_.RuleOf(check).params)
      .Among(this);
  return check.patch(context);
}

std::size_t Engine::resident_bytes() const {
  std::size_t total = entries_.capacity() * sizeof(void*) + decided_.resident_bytes();
  for (const auto& entry : entries_) {
    if (entry == nullptr) continue;
    total += sizeof(Entry) + entry->decided.size() * sizeof(DecidedTable::Id) +
             entry->details.capacity() * sizeof(Entry::Detail) + entry->since.capacity() * sizeof(Entry::Since) +
             entry->pending.capacity() * sizeof(Pending);
  }
  return total;
}

}  // namespace seaworthy::score
