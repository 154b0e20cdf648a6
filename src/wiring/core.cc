#include "wiring/core.h"

#include <algorithm>
#include <utility>

#include "checks/all_checks.h"
#include "score/evidence.h"
#include "support/log.h"
#include "wiring/sources/image_evidence.h"
#include "wiring/sources/kept_usage.h"

namespace seaworthy::wiring {
namespace {

bool IsOwn(Kind kind) {
  return kind == Kind::kWorkloadAudit || kind == Kind::kNamespaceAudit || kind == Kind::kClusterAudit ||
         kind == Kind::kOpenReport;
}

constexpr Kind kPeople[] = {Kind::kAuditPolicy, Kind::kAttestation, Kind::kClusterAttestation, Kind::kWaiver,
                            Kind::kClusterWaiver};
constexpr Kind kAudits[] = {Kind::kWorkloadAudit, Kind::kNamespaceAudit, Kind::kClusterAudit};

// An audit of that name may be of an earlier incarnation of the workload, whose verdicts are none of this one's.
bool IsAbout(const AuditObject& audit, const Workload& workload) {
  if (!workload.meta.uid.is_uuid()) return audit.meta.owners.empty();
  return std::any_of(audit.meta.owners.begin(), audit.meta.owners.end(),
                     [&](const OwnerRef& owner) { return owner.uid == workload.meta.uid; });
}

bool IsAboutPolicies(const Touch& touch) {
  return touch.scope == Touch::Scope::kEverything && touch.kinds.Has(Kind::kAuditPolicy);
}

bool IsChange(EventType type) { return type == EventType::kApply || type == EventType::kDelete; }

}  // namespace

Core::Core(Executor& loop, const Clock& clock, TextPool& pool, CoreOptions options)
    : loop_(loop),
      clock_(clock),
      pool_(pool),
      options_(options),
      world_(cache::World::Mode::kCluster, pool),
      engine_(world_, checks::AllChecks(), pool, options.engine),
      anchor_wall_(clock.Wall()),
      anchor_(clock.Now()) {
  for (const KindInfo& info : KindTable()) {
    if (options_.off.Has(info.kind)) world_.SetState(info.kind, SourceState::kOff);
  }
  wait_timer_ = loop_.PostAfter(options_.optional_wait, [this] {
    wait_over_ = true;
    Begin();
    SayWhatIsMissing();
  });
}

Core::~Core() {
  loop_.Cancel(timer_);
  loop_.Cancel(wait_timer_);
  loop_.Cancel(people_timer_);
  loop_.Cancel(kept_timer_);
}

// RELIABILITY.md 1.4: over a minute off, age rules use the server's time.
WallTime Core::Wall() const {
  constexpr Duration kBelieved = std::chrono::minutes(1);
  const WallTime local = clock_.Wall(),
                 steady = anchor_wall_ + std::chrono::duration_cast<WallTime::duration>(clock_.Now() - anchor_);
  return local - steady > kBelieved || steady - local > kBelieved ? steady : local;
}

void Core::OnServerTime(WallTime server_time) {
  const bool was_local = Wall() == clock_.Wall();
  anchor_wall_ = server_time;
  anchor_ = clock_.Now();
  const bool is_local = Wall() == clock_.Wall();
  if (was_local && !is_local)
    support::log::Warning("the clock is more than a minute off the API server's, which is used instead", {});
  if (was_local != is_local && begun_) ScheduleStep();
}

void Core::Accept(WatchEvent event) {
  const std::lock_guard lock(mutex_);
  queue_.push_back({std::move(event), clock_.Now()});
  if (std::exchange(drain_posted_, true)) return;
  loop_.Post([this] { Drain(); });
}

void Core::Drain() {
  std::vector<Queued> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(queue_);
    drain_posted_ = false;
  }
  world_.Tick(Wall());
  for (Queued& queued : batch) {
    WatchEvent& event = queued.event;
    if (IsOwn(event.kind)) {
      AcceptOwn(std::move(event));
    } else {
      if (ready_ && IsChange(event.type)) unpublished_.push_back(queued.received);
      world_.Accept(std::move(event));
    }
  }
  PassTouches();
  TellRules();
  SchedulePeople();
  ScheduleKept();
  if (!begun_) Begin();
  // The evaluation follows at once: a change must not wait behind what else is posted.
  if (begun_) Step();
}

void Core::AcceptOwn(WatchEvent event) {
  // Who hears of a report asks for its subject, which an event before this one may have removed.
  PassTouches();
  const Kind kind = event.kind;
  const bool applied = event.type == EventType::kApply || event.type == EventType::kInitApply;
  const WatchEvent about{event.type, kind, nullptr, event.detail};
  // Their list may come so late that the first evaluation did not wait for it.
  const bool late = begun_ && about.type == EventType::kInitDone && !restored_.Has(kind);
  // The World knows whether there are any; which ones, the writer does.
  ObjectPtr object;
  if (applied || event.type == EventType::kDelete) {
    object = std::move(event.object);
    if (object == nullptr) return;
    Keep(static_cast<const AuditObject&>(*object), applied);
  } else {
    if (event.type == EventType::kInit) kept_reports_.Clear(kind);
    world_.Accept(std::move(event));
  }
  if (late && kind != Kind::kOpenReport) RestoreEvidence(kind);
  if (begun_ && kind == Kind::kWorkloadAudit && about.type == EventType::kApply && is_writer && !is_writer())
    AdoptEvidence(static_cast<const AuditObject&>(*object));
  if (on_own_object) on_own_object(about, object.get());
}

// Until it has been taken up.
void Core::Keep(const AuditObject& audit, bool applied) {
  // The one ClusterAudit names the rules by which all others were decided.
  if (audit.kind == Kind::kClusterAudit) recorded_rules_ = applied ? audit.checklist_hash.str() : std::string();
  if (audit.kind == Kind::kOpenReport || restored_.Has(audit.kind)) return;
  if (applied) {
    kept_reports_.Put(audit);
  } else {
    kept_reports_.Remove(audit.kind, audit.meta.namespace_, audit.meta.name);
  }
}

void Core::PassTouches() {
  for (const Touch& touch : world_.TakeTouches()) {
    // Before the first evaluation everything is dirty anyway.
    if (begun_ || touch.scope == Touch::Scope::kRemoved || IsAboutPolicies(touch)) engine_.Accept(touch);
  }
}

bool Core::AllAnswered() const {
  for (const KindInfo& info : KindTable()) {
    // What is asked now and then may never answer, and its checks say so by themselves.
    if (info.feed == Feed::kPoll || info.feed == Feed::kSource) continue;
    const SourceState state = world_.State(info.kind);
    const bool denied = state == SourceState::kDenied && info.required && !options_.denied_is_an_answer;
    if (denied || (state == SourceState::kPending && (info.required || !wait_over_))) return false;
  }
  return true;
}

void Core::SayWhatIsMissing() {
  if (begun_) return;
  std::string missing;
  for (const KindInfo& info : KindTable()) {
    const SourceState state = world_.State(info.kind);
    if (!info.required || (state != SourceState::kPending && state != SourceState::kDenied)) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(info.resource) +
               (state == SourceState::kDenied ? " (may not be read)" : " (not listed yet)");
  }
  support::log::Warning("not ready: no audit without these kinds", {{"missing", missing}});
  wait_timer_ = loop_.PostAfter(std::chrono::minutes(5), [this] { SayWhatIsMissing(); });
}

void Core::TellRules() {
  if (world_.State(Kind::kAuditPolicy) == SourceState::kPending) return;
  engine_.RefreshPolicies();
  const CustomRulesPtr& rules = engine_.custom_rules();
  if (rules_told_ && rules == rules_) return;
  const KindSet again = score::KindsToJudgeAgain(rules_, rules);
  rules_told_ = true;
  rules_ = rules;
  if (on_custom_rules) on_custom_rules(rules, again);
}

void Core::Begin() {
  if (begun_ || !AllAnswered()) return;
  begun_ = true;
  loop_.Cancel(wait_timer_);
  for (const Kind kind : kAudits) {
    if (world_.State(kind) == SourceState::kLive) RestoreEvidence(kind);
  }
  engine_.TouchAll();
  ScheduleStep();
}

void Core::RestoreWorkload(const WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  const std::unique_ptr<AuditObject> audit = kept_reports_.Find(
      Kind::kWorkloadAudit, record.ns->name, AuditName(workload.kind_name, workload.meta.name), pool_);
  if (audit == nullptr || !IsAbout(*audit, workload)) return;
  score::ParsedEvidence parsed = score::ParseEvidence(audit->evidence, pool_);
  score::AddAudited(parsed.subject, *audit, {});
  parsed.subject.rules = recorded_rules_;
  engine_.Restore(record.subject, parsed.subject);
  WorkloadRecord* own = world_.MutableWorkload(workload.kind_name, record.ns->name, workload.meta.name);
  if (own == nullptr) return;
  if (own->restarts && own->restarts->incidents.empty()) own->restarts->incidents = std::move(parsed.incidents);
  if (parsed.availability && own->availability == nullptr)
    own->availability = std::make_unique<AvailabilityEvidence>(*std::move(parsed.availability));
  if (parsed.smoke_test && (!own->smoke_test || own->smoke_test->ended < parsed.smoke_test->ended))
    own->smoke_test = std::move(parsed.smoke_test);
  // The samples of a minute or two may have come before.
  if (parsed.usage) own->usage = std::move(parsed.usage);
  if (parsed.logs && !own->logs) own->logs = std::move(parsed.logs);
  if (options_.decoder != nullptr && world_.State(Kind::kImageConfig) != SourceState::kOff) {
    for (WatchEvent& event : ReadImages(audit->evidence, *options_.decoder)) world_.Accept(std::move(event));
  }
  // Who delivered another template says nothing about this one: it was changed while nobody watched.
  if (parsed.delivery && parsed.delivery->template_hash == workload.template_hash && !own->delivery)
    own->delivery = std::move(parsed.delivery);
}

void Core::AdoptEvidence(const AuditObject& audit) {
  if (audit.meta.owners.empty() || audit.evidence.find("\"usage\"") == std::string::npos) return;
  const OwnerRef& owner = audit.meta.owners.front();
  WorkloadRecord* own = world_.MutableWorkload(owner.kind, audit.meta.namespace_, owner.name);
  if (own == nullptr || !own->usage) return;
  if (score::ParsedEvidence parsed = score::ParseEvidence(audit.evidence, pool_); parsed.usage)
    AdoptKept(*own->usage, *std::move(parsed.usage));
}

void Core::RestoreEvidence(Kind kind) {
  restored_.Add(kind);
  const auto restore = [&](std::uint32_t subject, const AuditObject& audit, std::string_view about) {
    score::SubjectEvidence evidence;
    score::AddAudited(evidence, audit, about);
    evidence.rules = recorded_rules_;
    engine_.Restore(subject, evidence);
  };
  if (kind == Kind::kClusterAudit) {
    if (const auto audit = kept_reports_.Find(kind, {}, "cluster", pool_)) restore(kClusterSubject, *audit, {});
  }
  for (const NamespaceRecord* ns : world_.Namespaces()) {
    if (kind == Kind::kWorkloadAudit) {
      for (const WorkloadRecord* record : ns->workloads) RestoreWorkload(*record);
    } else if (kind == Kind::kNamespaceAudit) {
      const auto audit = kept_reports_.Find(kind, ns->name, "namespace", pool_);
      if (audit == nullptr) continue;
      restore(ns->subject, *audit, {});
      for (const BudgetRecord* budget : ns->budgets)
        restore(budget->subject, *audit, "PodDisruptionBudget/" + budget->budget->meta.name.str());
    }
  }
  kept_reports_.Clear(kind);
}

bool Core::Knows(Kind kind, std::string_view ns, std::string_view name) const {
  return world_.Find(kind, {pool_.Intern(ns), pool_.Intern(name)}) != nullptr;
}

bool Core::ForEach(Kind kind, const EachObject& each) const {
  if (IsOwn(kind)) {
    if (!each_own_object) return false;
    each_own_object(kind, each);
    return true;
  }
  world_.ForEach(kind, [&](const Object& object) {
    each(object.meta.namespace_, object.meta.name, object.meta.uid, object.meta.resource_version);
  });
  return true;
}

std::string Core::EvidenceOf(std::uint32_t subject) const {
  const SubjectRef ref = world_.Subject(subject);
  if (ref.workload == nullptr) return {};
  const auto now = std::chrono::floor<std::chrono::seconds>(Wall());
  return AddImages(score::FormatEvidence(engine_.Evidence(subject), *ref.workload, now.time_since_epoch().count()),
                   world_, *ref.workload);
}

void Core::ScheduleKept() {
  for (const std::uint32_t subject : world_.TakeKept()) kept_.insert(subject);
  if (kept_.empty() || kept_timer_ != 0) return;
  kept_timer_ = loop_.PostAfter(std::chrono::seconds(10), [this] {
    kept_timer_ = 0;
    for (const std::uint32_t subject : std::exchange(kept_, {})) {
      if (on_kept) on_kept(subject);
    }
  });
}

// The answers cost a pass over all workloads: a second after the first change of a burst, and every five seconds at
// most.
void Core::SchedulePeople() {
  if (!ready_ || people_due_) return;
  const bool any =
      std::any_of(std::begin(kPeople), std::end(kPeople), [&](Kind kind) { return !world_.Objects(kind).empty(); });
  if (!std::exchange(people_spoke_, any) && !any) return;
  people_due_ = true;
  const Duration wait =
      std::max<Duration>(std::chrono::seconds(1), people_told_ + std::chrono::seconds(5) - clock_.Now());
  loop_.Cancel(people_timer_);
  people_timer_ = loop_.PostAfter(wait, [this] { TellPeople(); });
}

void Core::TellPeople() {
  if (!ready_) return;
  people_due_ = false;
  people_told_ = clock_.Now();
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(Wall().time_since_epoch()).count();
  const std::vector<score::PersonReport> reports =
      score::PeopleReports(world_, engine_.policy(), engine_.checks(), now, engine_.CustomErrors());
  if (on_people) on_people(reports);
  // The next end.
  std::int64_t next = 0;
  for (const score::PersonReport& report : reports) {
    if (report.ends.seconds > now && (next == 0 || report.ends.seconds < next)) next = report.ends.seconds;
  }
  // Wall clocks are set: no timer waits for days.
  if (next != 0)
    people_timer_ =
        loop_.PostAfter(std::chrono::seconds(std::min<std::int64_t>(next - now, 3600)), [this] { TellPeople(); });
}

void Core::ScheduleStep() {
  if (std::exchange(step_scheduled_, true)) return;
  loop_.Post([this] {
    step_scheduled_ = false;
    Step();
  });
}

void Core::Step() {
  const MonoTime begin = clock_.Now();
  for (; begun_changes_ < unpublished_.size(); ++begun_changes_) {
    if (on_begun) on_begun(begin - unpublished_[begun_changes_]);
  }
  const bool more = engine_.Step(Wall(), options_.slice);
  if (on_worked) on_worked(clock_.Now() - begin);
  if (more) {
    ScheduleStep();
    return;
  }
  const MonoTime now = clock_.Now();
  begun_changes_ = 0;
  for (const MonoTime received : std::exchange(unpublished_, {})) {
    if (on_published) on_published(now - received);
  }
  if (!std::exchange(ready_, true)) {
    if (on_ready) on_ready();
    SchedulePeople();
  }
  loop_.Cancel(timer_);
  timer_ = 0;
  if (const auto due = engine_.NextDue()) {
    const auto wait = std::max<Duration>(*due - Wall(), std::chrono::milliseconds(1));
    timer_ = loop_.PostAfter(wait, [this] { Step(); });
  }
}

}  // namespace seaworthy::wiring
