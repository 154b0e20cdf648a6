#include "checks/common/backups.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "checks/common/database_operators.h"
#include "checks/common/sources.h"
#include "support/trim.h"

namespace seaworthy::checks {
namespace {

// What one plan says to one claim.
struct Take {
  enum class Answer : std::uint8_t { kYes, kUnclear, kNo } answer = Answer::kYes;
  std::string why;
  bool wrong = false;  // it would, but is paused or refused

  static Take No(std::string why) { return {Answer::kNo, std::move(why), false}; }
  static Take Unclear(std::string why) { return {Answer::kUnclear, std::move(why), false}; }
  static Take Wrong(std::string why) { return {Answer::kNo, std::move(why), true}; }
};

std::string NameOf(std::string_view what, const Object& object) {
  return std::string(what) + " " + object.meta.namespace_.str() + "/" + object.meta.name.str();
}

// `*` and `?`, as Velero and Kasten have them.
bool GlobMatches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, from = 0, star = std::string_view::npos, retry = 0;
  while (from < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      retry = from;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[from])) {
      ++at;
      ++from;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      from = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool AnyMatches(const std::vector<const Extension::Fact*>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const Extension::Fact* pattern) { return GlobMatches(pattern->value, text); });
}

const Labels& LabelsOf(const ClaimUse& use) {
  static const Labels kNone;
  return use.claim == nullptr ? kNone : use.claim->meta.labels;
}

// "a,b, c" has `name`.
bool Lists(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (support::Trim(list.substr(0, comma), support::kSpaces) == name) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

// What somebody gathers about one claim.
class Gathering {
 public:
  Gathering(const Context& context, const ClaimUse& use) : context_(context), use_(use) {}

  void Consider(Take take, BackupPlan plan) {
    const auto rank = [](const Take& one) { return one.wrong ? 0 : one.answer == Take::Answer::kUnclear ? 1 : 2; };
    switch (take.answer) {
      case Take::Answer::kYes: cover_.plans.push_back(std::move(plan)); return;
      case Take::Answer::kUnclear:
      case Take::Answer::kNo:
        if (nearest_ && rank(*nearest_) <= rank(take)) return;
        take.why = plan.name + " " + take.why;
        nearest_ = std::move(take);
        return;
    }
  }
  // A tool that could take it: with nothing planned, something is missing.
  void Tool(std::string_view name) { tools_ += (tools_.empty() ? "" : ", ") + std::string(name); }
  // Whether objects of the kind are there to be read. One that may be there and cannot be read may be the answer.
  bool Reads(Kind kind) {
    const SourceState state = context_.State(kind);
    if (state == SourceState::kDenied || state == SourceState::kPending) {
      if (cover_.missing == Kind::kCount) cover_.missing = kind;
    }
    return state == SourceState::kLive || state == SourceState::kOffline;
  }
  bool Live(Kind kind) const { return context_.State(kind) == SourceState::kLive; }

  BackupCover Finish() && {
    if (!cover_.plans.empty()) {
      cover_.state = BackupCover::State::kCovered;
    } else if (nearest_ && nearest_->answer == Take::Answer::kUnclear) {
      cover_.state = BackupCover::State::kUnclear;
      cover_.why = std::move(nearest_->why);
    } else if (cover_.missing != Kind::kCount) {
      cover_.state = BackupCover::State::kSourceMissing;
    } else if (nearest_ || !tools_.empty()) {
      cover_.state = BackupCover::State::kNot;
      cover_.seen_wrong = nearest_ && nearest_->wrong;
      cover_.why = nearest_ ? std::move(nearest_->why) : "there is no schedule (seen: " + tools_ + ")";
    }
    return std::move(cover_);
  }

  const Context& context() const { return context_; }
  const ClaimUse& use() const { return use_; }
  const Text& ns() const { return context_.record().ns->name; }

 private:
  const Context& context_;
  const ClaimUse& use_;
  BackupCover cover_;
  std::optional<Take> nearest_;
  std::string tools_;
};

BackupPlan PlanOf(std::string name, const Object& object, std::string_view schedule,
                  CronSchedule::Fields fields = CronSchedule::Fields::kStandard) {
  BackupPlan plan;
  plan.name = std::move(name);
  plan.made = object.meta.created;
  if (Result<CronSchedule> parsed = CronSchedule::Parse(schedule, fields); parsed.ok()) plan.schedule = *parsed;
  return plan;
}

Timestamp TimeAt(const Extension& extension, std::string_view path) { return {extension.IntAt(path).value_or(0)}; }

void Newer(Timestamp& newest, Timestamp time) {
  if (time > newest) newest = time;
}

// ---------------------------------------------------------------- Velero

bool NamesClaims(const Extension& schedule, std::string_view path) {
  for (const Extension::Fact* resource : schedule.All(path)) {
    const std::string_view name = resource->value.view().substr(0, resource->value.view().find('.'));
    if (name == "*" || name == "persistentvolumeclaims" || name == "persistentvolumeclaim" || name == "pvc")
      return true;
  }
  return false;
}

bool TakesNoClaims(const Extension& schedule) {
  for (const std::string_view path :
       {"spec.template.includedResources[]", "spec.template.includedNamespaceScopedResources[]"}) {
    // Volumes come along with the pods that mount them.
    if (schedule.Has(path) && !NamesClaims(schedule, path) && !schedule.Names(path, "pods") &&
        !schedule.Names(path, "pod") && !schedule.Names(path, "po"))
      return true;
  }
  return NamesClaims(schedule, "spec.template.excludedResources[]") ||
         NamesClaims(schedule, "spec.template.excludedNamespaceScopedResources[]");
}

bool SelectedByLabels(const Extension& schedule, const Gathering& gathering) {
  std::vector<const LabelSelector*> any;
  if (const LabelSelector* selector = schedule.SelectorAt("spec.template.labelSelector{}")) any.push_back(selector);
  for (const Extension::Selector& one : schedule.selectors) {
    if (one.path == "spec.template.orLabelSelectors[]{}") any.push_back(&one.selector);
  }
  // A claim comes along with a pod that is selected.
  return any.empty() || std::any_of(any.begin(), any.end(), [&](const LabelSelector* selector) {
           return selector->Matches(LabelsOf(gathering.use())) ||
                  selector->Matches(gathering.context().workload().template_labels);
         });
}

// Whether the pod's volume is copied file by file: by default, or as annotations of the pod say. nullopt: only the
// server's own default says so.
std::optional<bool> CopiesFiles(const Extension& schedule, std::span<const Object* const> backups,
                                const Gathering& gathering) {
  const Labels& annotations = gathering.context().workload().template_annotations;
  const std::string_view volume = gathering.use().volume;
  if (Lists(annotations.Get("backup.velero.io/backup-volumes"), volume)) return true;
  std::string_view by_default = schedule.First("spec.template.defaultVolumesToFsBackup");
  if (by_default.empty()) by_default = schedule.First("spec.template.defaultVolumesToRestic");
  // The server writes its default into each Backup that it makes.
  for (const Object* object : backups) {
    if (!by_default.empty()) break;
    by_default = Context::AsExtension(*object).First("spec.defaultVolumesToFsBackup");
  }
  if (by_default.empty()) return std::nullopt;
  return by_default == "true" && !Lists(annotations.Get("backup.velero.io/backup-volumes-excludes"), volume);
}

// CSI drivers that cannot: by kubernetes-csi.github.io/docs/drivers.html (column "Other Features") and their own
// documentation. One that is not listed is believed to.
constexpr std::string_view kNoSnapshots[] = {"efs.csi.aws.com", "fsx.csi.aws.com", "s3.csi.aws.com",
                                             "csi.hetzner.cloud", "smb.csi.k8s.io"};

bool CanBeSnapshot(const PersistentVolume& volume) {
  if (std::find(std::begin(kNoSnapshots), std::end(kNoSnapshots), volume.csi_driver.view()) != std::end(kNoSnapshots))
    return false;
  constexpr std::string_view kSources[] = {"csi",    "awsElasticBlockStore", "azureDisk",     "gcePersistentDisk",
                                           "cinder", "vsphereVolume",        "portworxVolume"};
  return volume.source.empty() ||
         std::find(std::begin(kSources), std::end(kSources), volume.source.view()) != std::end(kSources);
}

Take VeleroTakes(const Extension& schedule, std::span<const Object* const> backups, const Gathering& gathering) {
  constexpr std::string_view kExclude = "velero.io/exclude-from-backup";
  const auto included = schedule.All("spec.template.includedNamespaces[]");
  const std::string ns = gathering.ns().str();
  if (!included.empty() && !AnyMatches(included, ns)) return Take::No("does not include namespace " + ns);
  if (AnyMatches(schedule.All("spec.template.excludedNamespaces[]"), ns)) return Take::No("excludes namespace " + ns);
  if (TakesNoClaims(schedule)) return Take::No("takes no persistentvolumeclaims");
  const Namespace* ns_object = gathering.context().Namespace().object;
  if (LabelsOf(gathering.use()).Get(kExclude) == "true" ||
      (ns_object != nullptr && ns_object->meta.labels.Get(kExclude) == "true"))
    return Take::No("leaves out what has label " + std::string(kExclude));
  if (!SelectedByLabels(schedule, gathering)) return Take::No("does not select it by its labels");
  if (schedule.Has("spec.template.resourcePolicy.name"))
    return Take::Unclear("has a resource policy, which decides about volumes and is in a ConfigMap that is not read");
  const PersistentVolumeClaim* claim = gathering.use().claim;
  const PersistentVolume* volume =
      claim != nullptr && !claim->volume.empty() ? gathering.context().FindVolume(claim->volume) : nullptr;
  const bool snapshots =
      schedule.First("spec.template.snapshotVolumes") != "false" && (volume == nullptr || CanBeSnapshot(*volume));
  const std::optional<bool> files = CopiesFiles(schedule, backups, gathering);
  const std::string_view source = volume == nullptr ? std::string_view() : volume->source.view();
  if (!snapshots && source == "hostPath") return Take::No("takes no volumes of type hostPath");
  if (!snapshots && !files.value_or(false)) {
    const std::string why =
        schedule.First("spec.template.snapshotVolumes") == "false"
            ? "takes the objects and not the data: snapshotVolumes is false"
            : "cannot snapshot a volume of " +
                  (volume->csi_driver.empty() ? "type " + std::string(source) : volume->csi_driver.str());
    if (!files)
      return Take::Unclear(why +
                           ", and whether file systems are backed up by default is not known before its first backup");
    return Take::No(why + " and its file system is not backed up");
  }
  if (schedule.First("spec.paused") == "true") return Take::Wrong("is paused");
  if (schedule.First("status.phase") == "FailedValidation")
    return Take::Wrong("is refused by Velero (FailedValidation)");
  return {};
}

void AddVelero(Gathering& gathering) {
  const Context& context = gathering.context();
  if (gathering.Live(Kind::kVeleroSchedule)) gathering.Tool("Velero");
  if (!gathering.Reads(Kind::kVeleroSchedule)) return;
  for (const Object* object : context.Everywhere(Kind::kVeleroSchedule)) {
    const Extension& schedule = Context::AsExtension(*object);
    const auto backups =
        context.Grouped(Kind::kVeleroBackup, object->meta.namespace_.str() + "/" + object->meta.name.str());
    BackupPlan plan = PlanOf(NameOf("Velero Schedule", schedule), schedule, schedule.First("spec.schedule"));
    plan.shows_results = context.State(Kind::kVeleroBackup) == SourceState::kLive;
    for (const Object* one : backups) {
      const Extension& backup = Context::AsExtension(*one);
      const std::string_view phase = backup.First("status.phase");
      Timestamp start = TimeAt(backup, "status.startTimestamp{time}");
      if (!start.set()) start = backup.meta.created;
      const Timestamp ends = TimeAt(backup, "status.expiration{time}");
      const bool expired = ends.set() && ends.seconds <= context.now_seconds();
      if (ends.set() && !expired && (!plan.next_expiry.set() || ends < plan.next_expiry)) plan.next_expiry = ends;
      if (phase == "PartiallyFailed" && !expired) Newer(plan.partial, start);
      if (phase != "Completed") continue;
      if (expired) {
        plan.expired = true;
      } else {
        Newer(plan.completed, start);
      }
    }
    gathering.Consider(VeleroTakes(schedule, backups, gathering), std::move(plan));
  }
}

// ---------------------------------------------------------------- K8up

void AddK8up(Gathering& gathering) {
  const Context& context = gathering.context();
  if (gathering.Live(Kind::kK8upSchedule)) gathering.Tool("K8up");
  if (!gathering.Reads(Kind::kK8upSchedule)) return;
  for (const Object* object : context.Here(Kind::kK8upSchedule)) {
    const Extension& schedule = Context::AsExtension(*object);
    if (!schedule.Has("spec.backup?")) continue;
    // "@daily-random" is once a day, at a time of K8up's choice.
    std::string_view when = schedule.First("spec.backup.schedule");
    constexpr std::string_view kRandom = "-random";
    if (when.ends_with(kRandom)) when.remove_suffix(kRandom.size());
    BackupPlan plan = PlanOf(NameOf("K8up Schedule", schedule), schedule, when);
    plan.shows_results = context.State(Kind::kK8upBackup) == SourceState::kLive;
    for (const Object* one : context.Here(Kind::kK8upBackup)) {
      const OwnerRef* owner = one->meta.Controller();
      const bool own = std::any_of(one->meta.owners.begin(), one->meta.owners.end(), [&](const OwnerRef& of) {
        return of.kind == "Schedule" && of.name == object->meta.name;
      });
      if (!own && owner != nullptr) continue;
      const Condition* completed = FindCondition(Context::AsExtension(*one).conditions, "Completed");
      if (completed != nullptr && completed->is_true() && completed->reason == "Succeeded")
        Newer(plan.completed, one->meta.created);
    }
    Take take;
    std::vector<const LabelSelector*> any;
    for (const Extension::Selector& selector : schedule.selectors) any.push_back(&selector.selector);
    if (gathering.use().claim != nullptr && gathering.use().claim->meta.annotations.Get("k8up.io/backup") == "false") {
      take = Take::No("leaves it out, as its annotation k8up.io/backup says");
    } else if (!any.empty() && std::none_of(any.begin(), any.end(), [&](const LabelSelector* selector) {
                 return selector->Matches(LabelsOf(gathering.use()));
               })) {
      take = Take::No("does not select it by its labels");
    }
    gathering.Consider(std::move(take), std::move(plan));
  }
}

// ---------------------------------------------------------------- snapscheduler and VolSync

void AddSnapscheduler(Gathering& gathering) {
  const Context& context = gathering.context();
  if (gathering.Live(Kind::kSnapshotSchedule)) gathering.Tool("snapscheduler");
  if (!gathering.Reads(Kind::kSnapshotSchedule)) return;
  for (const Object* object : context.Here(Kind::kSnapshotSchedule)) {
    const Extension& schedule = Context::AsExtension(*object);
    BackupPlan plan = PlanOf(NameOf("SnapshotSchedule", schedule), schedule, schedule.First("spec.schedule"));
    plan.shows_results = context.State(Kind::kVolumeSnapshot) == SourceState::kLive;
    for (const Object* one : context.Here(Kind::kVolumeSnapshot)) {
      const Extension& snapshot = Context::AsExtension(*one);
      if (snapshot.meta.labels.Get("snapscheduler.backube/schedule") != object->meta.name.view()) continue;
      if (snapshot.First("spec.source.persistentVolumeClaimName") != gathering.use().name.view()) continue;
      if (snapshot.First("status.readyToUse") == "true")
        Newer(plan.completed, TimeAt(snapshot, "status.creationTime{time}"));
    }
    const LabelSelector* selector = schedule.SelectorAt("spec.claimSelector{}");
    Take take;
    if (selector != nullptr && !selector->Matches(LabelsOf(gathering.use()))) {
      take = Take::No("does not select it by its labels");
    } else if (schedule.First("spec.disabled") == "true") {
      take = Take::Wrong("is disabled");
    }
    gathering.Consider(std::move(take), std::move(plan));
  }
}

void AddVolSync(Gathering& gathering) {
  const Context& context = gathering.context();
  if (gathering.Live(Kind::kReplicationSource)) gathering.Tool("VolSync");
  if (!gathering.Reads(Kind::kReplicationSource)) return;
  for (const Object* object : context.Here(Kind::kReplicationSource)) {
    const Extension& source = Context::AsExtension(*object);
    if (source.First("spec.sourcePVC") != gathering.use().name.view() || gathering.use().name.empty()) continue;
    const std::string_view when = source.First("spec.trigger.schedule");
    BackupPlan plan = PlanOf(NameOf("VolSync ReplicationSource", source), source, when);
    plan.completed = TimeAt(source, "status.lastSyncTime{time}");
    Take take;
    if (when.empty()) {
      take = Take::No("has no schedule");
    } else if (source.First("spec.paused") == "true") {
      take = Take::Wrong("is paused");
    }
    gathering.Consider(std::move(take), std::move(plan));
  }
}

// ---------------------------------------------------------------- Kasten

bool KastenSelects(const LabelSelector& selector, std::string_view ns, const Labels& labels) {
  constexpr std::string_view kNamespace = "k10.kasten.io/appNamespace";
  LabelSelector others = selector;
  erase_if(others.terms, [&](const LabelSelector::Term& term) { return term.key == kNamespace; });
  for (const LabelSelector::Term& term : selector.terms) {
    if (term.key != kNamespace) continue;
    const bool named =
        std::any_of(term.values.begin(), term.values.end(), [&](const Text& value) { return GlobMatches(value, ns); });
    if (named != (term.op == LabelSelector::Op::kIn)) return false;
  }
  return others.Matches(labels);
}

void AddKasten(Gathering& gathering) {
  const Context& context = gathering.context();
  if (gathering.Live(Kind::kKastenPolicy)) gathering.Tool("Kasten");
  if (!gathering.Reads(Kind::kKastenPolicy)) return;
  static const Labels kNone;
  const Namespace* ns = context.Namespace().object;
  for (const Object* object : context.Everywhere(Kind::kKastenPolicy)) {
    const Extension& policy = Context::AsExtension(*object);
    if (!policy.Names("spec.actions[].action", "backup")) continue;
    const std::string_view when = policy.First("spec.frequency");
    BackupPlan plan = PlanOf(NameOf("Kasten Policy", policy), policy, when);
    plan.shows_results = false;  // in its own API only
    const LabelSelector* selector = policy.SelectorAt("spec.selector{}");
    Take take;
    if (selector == nullptr || !KastenSelects(*selector, gathering.ns(), ns == nullptr ? kNone : ns->meta.labels)) {
      take = Take::No("does not select namespace " + gathering.ns().str());
    } else if (when == "@onDemand" || (when.empty() && !policy.Has("spec.presetRef.name"))) {
      take = Take::No("runs on demand only");
    } else if (policy.First("spec.paused") == "true") {
      take = Take::Wrong("is paused");
    } else if (policy.First("status.validation") == "Failed") {
      take = Take::Wrong("is refused by Kasten (validation failed)");
    }
    gathering.Consider(std::move(take), std::move(plan));
  }
}

// ---------------------------------------------------------------- Longhorn

void AddLonghorn(Gathering& gathering) {
  const Context& context = gathering.context();
  if (gathering.use().name.empty() || !gathering.Reads(Kind::kLonghornVolume)) return;
  const auto volumes = context.Grouped(Kind::kLonghornVolume, gathering.ns().str() + "/" + gathering.use().name.str());
  if (volumes.empty()) return;
  gathering.Tool("Longhorn");
  if (!gathering.Reads(Kind::kLonghornRecurringJob)) return;
  const Extension& volume = Context::AsExtension(*volumes.front());
  constexpr std::string_view kJob = "recurring-job.longhorn.io/", kGroup = "recurring-job-group.longhorn.io/";
  bool labelled = false;
  for (const KeyValue& label : volume.meta.labels) {
    const std::string_view key = label.key;
    labelled |= (key.starts_with(kJob) || key.starts_with(kGroup)) && label.value == "enabled";
  }
  for (const Object* object : context.Everywhere(Kind::kLonghornRecurringJob)) {
    const Extension& job = Context::AsExtension(*object);
    const auto groups = job.All("spec.groups[]");
    const bool takes = volume.meta.labels.Get(std::string(kJob) + job.meta.name.str()) == "enabled" ||
                       std::any_of(groups.begin(), groups.end(), [&](const Extension::Fact* group) {
                         // A volume without any such label is in the group "default".
                         return volume.meta.labels.Get(std::string(kGroup) + group->value.str()) == "enabled" ||
                                (group->value == "default" && !labelled);
                       });
    BackupPlan plan = PlanOf(NameOf("Longhorn RecurringJob", job), job, job.First("spec.cron"));
    plan.completed = TimeAt(volume, "status.lastBackupAt{time}");
    Take take;
    if (!takes) {
      take = Take::No("is not of the volume's groups");
    } else if (!job.First("spec.task").starts_with("backup")) {
      take = Take::No("makes snapshots that stay on the volume's own disks, no backups");
    }
    gathering.Consider(std::move(take), std::move(plan));
  }
}

// ---------------------------------------------------------------- CloudNativePG

void AddCnpg(Gathering& gathering) {
  const Context& context = gathering.context();
  const Workload& workload = context.workload();
  std::string_view cluster = LabelsOf(gathering.use()).Get("cnpg.io/cluster");
  if (cluster.empty() && workload.kind_name == "Cluster" &&
      workload.api_version.view().starts_with("postgresql.cnpg.io/"))
    cluster = workload.meta.name;
  if (cluster.empty() || !gathering.Reads(Kind::kCnpgScheduledBackup)) return;
  gathering.Tool("CloudNativePG");
  for (const Object* object : context.Here(Kind::kCnpgScheduledBackup)) {
    const Extension& scheduled = Context::AsExtension(*object);
    if (scheduled.First("spec.cluster.name") != cluster) continue;
    BackupPlan plan = PlanOf(NameOf("CloudNativePG ScheduledBackup", scheduled), scheduled,
                             scheduled.First("spec.schedule"), CronSchedule::Fields::kWithSeconds);
    plan.shows_results = context.State(Kind::kCnpgBackup) == SourceState::kLive;
    for (const Object* one : context.Here(Kind::kCnpgBackup)) {
      const Extension& backup = Context::AsExtension(*one);
      if (backup.First("spec.cluster.name") != cluster || backup.First("status.phase") != "completed") continue;
      const Timestamp start = TimeAt(backup, "status.startedAt{time}");
      Newer(plan.completed, start.set() ? start : TimeAt(backup, "status.stoppedAt{time}"));
    }
    Take take;
    if (scheduled.First("spec.suspend") == "true") take = Take::Wrong("is suspended");
    gathering.Consider(std::move(take), std::move(plan));
  }
}

// ---------------------------------------------------------------- other database operators

// Nothing is said of a database whose operator may back it up by itself.
void AddOperators(Gathering& gathering) {
  const Workload& workload = gathering.context().workload();
  const OwnerRef* owner = workload.meta.Controller();
  const std::string_view version = owner != nullptr                                   ? owner->api_version.view()
                                   : workload.workload_class == WorkloadClass::kOther ? workload.api_version.view()
                                                                                      : std::string_view();
  const std::string_view group = version.substr(0, version.find('/'));
  const bool zalando = workload.meta.labels.Get("application") == "spilo";
  if (!zalando && std::find(std::begin(kDatabaseOperatorGroups), std::end(kDatabaseOperatorGroups), group) ==
                      std::end(kDatabaseOperatorGroups))
    return;
  BackupPlan plan;
  plan.name = zalando            ? "the postgres operator"
              : owner != nullptr ? owner->kind.str() + " " + owner->name.str()
                                 : "its operator";
  gathering.Consider(Take::Unclear("may back it up by itself, which is not read here: attest it"), std::move(plan));
}

// ---------------------------------------------------------------- a CronJob that says so

// "db", "StatefulSet/db" (annotation), "statefulset-db" (label), or the claim's name.
bool Means(std::string_view said, const Gathering& gathering) {
  const Workload& workload = gathering.context().workload();
  if (said == workload.meta.name || (said == gathering.use().name && !said.empty())) return true;
  const std::string_view kind = workload.kind_name;
  if (said.size() != kind.size() + 1 + workload.meta.name.size() || !said.ends_with(workload.meta.name)) return false;
  const char between = said[kind.size()];
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return (between == '/' || between == '-' || between == '.') &&
         std::equal(kind.begin(), kind.end(), said.begin(), [&](char a, char b) { return lower(a) == lower(b); });
}

void AddCronJobs(Gathering& gathering) {
  const Context& context = gathering.context();
  (void)context.State(Kind::kCronJob);
  const auto& workloads = context.record().ns->workloads;
  // By kind, then name.
  auto at = std::lower_bound(
      workloads.begin(), workloads.end(), std::string_view("CronJob"),
      [](const WorkloadRecord* record, std::string_view kind) { return record->workload->kind_name.view() < kind; });
  for (; at != workloads.end() && (*at)->workload->kind_name == "CronJob"; ++at) {
    const Workload& job = *(*at)->workload;
    const Text* said = job.meta.labels.Find(kBackupOf);
    if (said == nullptr) said = job.meta.annotations.Find(kBackupOf);
    if (said == nullptr || !Means(*said, gathering)) continue;
    BackupPlan plan;
    plan.name = "CronJob " + job.meta.name.str();
    plan.made = job.meta.created;
    if (Result<CronSchedule> schedule = CronSchedule::OfCronJob(job.cron->schedule, job.cron->time_zone); schedule.ok())
      plan.schedule = *schedule;
    plan.completed = job.cron->last_success;
    Take take;
    if (job.cron->suspend) take = Take::Wrong("is suspended");
    gathering.Consider(std::move(take), std::move(plan));
  }
}

}  // namespace

BackupCover CoverOf(const Context& context, const ClaimUse& use) {
  Gathering gathering(context, use);
  AddVelero(gathering);
  AddK8up(gathering);
  AddSnapscheduler(gathering);
  AddVolSync(gathering);
  AddKasten(gathering);
  AddLonghorn(gathering);
  AddCnpg(gathering);
  AddOperators(gathering);
  AddCronJobs(gathering);
  return std::move(gathering).Finish();
}

}  // namespace seaworthy::checks
