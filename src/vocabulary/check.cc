#include "seaworthy/check.h"

#include <algorithm>

#include "seaworthy/scheduling.h"

namespace seaworthy {
namespace {

constexpr KindSet kWorkloadKinds = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
                                    Kind::kReplicaSet};

struct SectionWords {
  std::string_view name, title;
};
constexpr SectionWords kSections[] = {
    {"design", "A. Application design"},
    {"images", "B. Images"},
    {"namespaces", "C. Namespaces"},
    {"environments", "D. Environments"},
    {"replicas", "E. Replicas and serving"},
    {"resources", "F. Resources"},
    {"placement", "G. Separating workloads"},
    {"disruption", "H. Spread and disruption"},
    {"configuration", "I. Configuration"},
    {"health", "J. Health"},
    {"lifecycle", "K. Lifecycle"},
    {"maintenance", "L. Traffic and maintenance"},
    {"storage", "M. Volumes"},
    {"backups", "N. Backups"},
    {"third-party", "O. Third-party and versions"},
    {"security", "P. Security"},
    {"delivery", "Q. Delivery"},
    {"monitoring", "R. Monitoring"},
    {"logging", "S. Logging"},
    {"cronjobs", "CronJobs"},
    {"platform", "Platform"},
};
static_assert(std::size(kSections) == kSectionCount);

// Services are listed by name.
const ServiceRecord* Find(const std::vector<ServiceRecord*>& services, std::string_view name) {
  const auto found = std::lower_bound(
      services.begin(), services.end(), name,
      [](const ServiceRecord* record, std::string_view wanted) { return record->service->meta.name.view() < wanted; });
  return found == services.end() || (*found)->service->meta.name != name ? nullptr : *found;
}
const ServiceRecord* Find(const NamespaceRecord& ns, const Service& service) {
  const ServiceRecord* found = Find(ns.services, service.meta.name);
  return found != nullptr && found->service == &service ? found : nullptr;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  constexpr std::string_view kNames[] = {"pass", "warn", "fail", "unknown", "na", "waived", "attested"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view SeverityName(Severity severity) {
  constexpr std::string_view kNames[] = {"info", "low", "medium", "high", "critical"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::optional<Severity> ParseSeverity(std::string_view name) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Severity::kCount); ++i) {
    if (SeverityName(static_cast<Severity>(i)) == name) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

int SeverityWeight(Severity severity) {
  constexpr int kWeights[] = {0, 1, 3, 5, 10};
  return kWeights[static_cast<std::size_t>(severity)];
}

std::string_view SectionName(Section section) { return kSections[static_cast<std::size_t>(section)].name; }
std::string_view SectionTitle(Section section) { return kSections[static_cast<std::size_t>(section)].title; }

std::string_view SubjectTypeName(SubjectType type) {
  constexpr std::string_view kNames[] = {"W", "NS", "PDB", "N", "C"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view TierName(Tier tier) {
  constexpr std::string_view kNames[] = {"critical", "standard", "auxiliary", "exempt"};
  return kNames[static_cast<std::size_t>(tier)];
}

std::string_view UnknownCauseName(UnknownCause cause) {
  constexpr std::string_view kNames[] = {
      "",           "offline",      "pending", "absent", "denied", "not-observed", "not-declared",
      "unreadable", "not-in-input", "degraded"};
  return kNames[static_cast<std::size_t>(cause)];
}

double Context::Param(std::string_view name) const {
  for (std::size_t i = 0; i < check_->params.size(); ++i) {
    if (check_->params[i].name == name) return i < overrides_.size() ? overrides_[i] : check_->params[i].value;
  }
  return 0;
}

const std::vector<const Pod*>& Context::CurrentPods() const {
  struct Current {
    std::vector<const Pod*> pods;
  };
  return Once<Current>([this] {
           Current current;
           for (const Pod* pod : Pods()) {
             if (pod->IsTerminal() || pod->meta.deleted.set()) continue;
             if (!workload_->current_revision.empty() && !pod->template_hash_label.empty() &&
                 pod->template_hash_label != workload_->current_revision) {
               continue;
             }
             current.pods.push_back(pod);
           }
           return current;
         })
      .pods;
}

std::span<WorkloadRecord* const> Context::SelectedBy(const PodDisruptionBudget& budget) const {
  Note(Kind::kPodDisruptionBudget);
  for (const BudgetRecord* record : namespace_->budgets) {
    if (record->budget == &budget) return record->workloads;
  }
  return {};
}

std::span<WorkloadRecord* const> Context::SelectedBy(const Service& service) const {
  Note(Kind::kService);
  const ServiceRecord* record = Find(*namespace_, service);
  if (record == nullptr) return {};
  return record->workloads;
}

std::span<const EndpointSlice* const> Context::SlicesOf(const Service& service) const {
  Note(Kind::kEndpointSlice);
  const ServiceRecord* record = Find(*namespace_, service);
  if (record == nullptr) return {};
  return record->slices;
}

std::span<const Ingress* const> Context::IngressesOf(const Service& service) const {
  Note(Kind::kIngress);
  const ServiceRecord* record = Find(*namespace_, service);
  if (record == nullptr) return {};
  return record->ingresses;
}

std::span<const Extension* const> Context::RoutesOf(const Service& service) const {
  Note(Kind::kHttpRoute);
  const ServiceRecord* record = Find(*namespace_, service);
  if (record == nullptr) return {};
  return record->routes;
}

bool Context::BehindIngress() const {
  const auto& services = Services().items;
  return std::any_of(services.begin(), services.end(), [&](const Service* service) {
    return !IngressesOf(*service).empty() || !RoutesOf(*service).empty();
  });
}

const SelectingList<Extension>& Context::MonitorsOf(const Service& service) const {
  Note(Kind::kServiceMonitor), Note(Kind::kVmServiceScrape);
  static const SelectingList<Extension> kNone;
  const ServiceRecord* record = Find(*namespace_, service);
  return record == nullptr ? kNone : record->monitors;
}

const ServiceRecord* Context::FindNamedService(std::string_view ns, std::string_view name) const {
  Note(Kind::kService);
  const auto by_name = [](const auto* record, std::string_view wanted) { return record->name.view() < wanted; };
  const auto namespaces = snapshot_->Namespaces();
  const auto at = std::lower_bound(namespaces.begin(), namespaces.end(), ns, by_name);
  if (at == namespaces.end() || (*at)->name != ns) return nullptr;
  return Find((*at)->services, name);
}

const Labels* Context::LabelsAround(const Object& object) const {
  Note(Kind::kPrometheus);
  const NamespaceRecord* ns = snapshot_->FindNamespace(object.meta.namespace_);
  return ns == nullptr || ns->object == nullptr ? nullptr : &ns->object->meta.labels;
}

std::vector<const PersistentVolumeClaim*> Context::Claims() const {
  Note(Kind::kPersistentVolumeClaim);
  const std::vector<const PersistentVolumeClaim*>& all = namespace_->claims;
  const auto from = [&](std::string_view name) {
    return std::lower_bound(
        all.begin(), all.end(), name,
        [](const PersistentVolumeClaim* claim, std::string_view wanted) { return claim->meta.name.view() < wanted; });
  };
  std::vector<const PersistentVolumeClaim*> claims;
  const auto add_mounted = [&](const PodSpec& pod) {
    for (const Volume& volume : pod.volumes) {
      if (volume.source != VolumeSource::kClaim) continue;
      const auto found = from(volume.reference);
      if (found != all.end() && (*found)->meta.name == volume.reference) claims.push_back(*found);
    }
  };
  add_mounted(spec());
  // A controller of its own kind gives each of its pods a claim; the template shows the newest's.
  if (workload().workload_class == WorkloadClass::kOther) {
    for (const Pod* pod : Pods()) add_mounted(*pod->spec);
  }
  for (const ClaimTemplate& wanted : workload().claim_templates) {
    const std::string prefix = wanted.name.str() + "-" + workload().meta.name.str() + "-";
    for (auto found = from(prefix); found != all.end() && (*found)->meta.name.view().starts_with(prefix); ++found) {
      const std::string_view ordinal = (*found)->meta.name.view().substr(prefix.size());
      if (!ordinal.empty() && ordinal.find_first_not_of("0123456789") == std::string_view::npos)
        claims.push_back(*found);
    }
  }
  std::sort(claims.begin(), claims.end(),
            [](const PersistentVolumeClaim* a, const PersistentVolumeClaim* b) { return a->meta.name < b->meta.name; });
  claims.erase(std::unique(claims.begin(), claims.end()), claims.end());
  return claims;
}

std::vector<const Extension*> Context::VulnerabilityReports() const {
  Note(Kind::kVulnerabilityReport);
  std::vector<const Extension*> reports;
  const auto add = [&](std::string_view kind, std::string_view name) {
    const auto found = namespace_->reports.find(std::pair(kind, name));
    if (found != namespace_->reports.end()) reports.insert(reports.end(), found->second.begin(), found->second.end());
  };
  add(workload().kind_name, workload().meta.name);
  const Text& current = workload_->current_revision;
  for (const Workload* set : ReplicaSets()) {
    if (current.empty() || set->meta.labels.Get("pod-template-hash") == current.view())
      add(set->kind_name, set->meta.name);
  }
  if (workload().workload_class == WorkloadClass::kOther) {
    for (const Pod* pod : CurrentPods()) add("Pod", pod->meta.name);
  }
  for (const Workload* job : Jobs()) add(job->kind_name, job->meta.name);
  return reports;
}

std::span<const Pod* const> Context::PodsOn(const NodeRecord& node) const {
  Note(Kind::kPod);
  if (workload_ != nullptr) {
    const auto at = std::lower_bound(node.onlookers.begin(), node.onlookers.end(), workload_->subject);
    if (at == node.onlookers.end() || *at != workload_->subject) node.onlookers.insert(at, workload_->subject);
  }
  return node.pods;
}

OptInt Context::Priority() const { return Note(Kind::kPriorityClass), PriorityOf(*snapshot_, spec()); }

Context& Context::Of(const WorkloadRecord& record, Tier tier) {
  kept_.clear();
  workload_ = &record;
  namespace_ = record.ns;
  budget_ = nullptr;
  node_ = nullptr;
  tier_ = tier;
  return *this;
}

Context& Context::Of(const NamespaceRecord& record) {
  kept_.clear();
  workload_ = nullptr;
  namespace_ = &record;
  budget_ = nullptr;
  node_ = nullptr;
  return *this;
}

Context& Context::Of(const BudgetRecord& record, const NamespaceRecord& ns) {
  kept_.clear();
  Of(ns);
  budget_ = &record;
  return *this;
}

Context& Context::Of(const NodeRecord& record) {
  kept_.clear();
  workload_ = nullptr;
  namespace_ = nullptr;
  budget_ = nullptr;
  node_ = &record;
  return *this;
}

Context& Context::Use(const Check& check, std::span<const double> overrides) {
  check_ = &check;
  overrides_ = overrides;
  return *this;
}

void Context::NoteWorkloads() const { touched_ = touched_ | kWorkloadKinds; }

}  // namespace seaworthy
