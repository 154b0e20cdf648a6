#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/image_reference.h"
#include "checks/common/replicas.h"
#include "checks/common/serving.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

// How people and tools call the second of two releases that share a Service on purpose: Flagger's primary, the tracks
// of the Kubernetes documentation, blue and green, versions as Istio's samples name them.
constexpr std::string_view kTwinSuffixes[] = {"canary",   "primary", "stable",  "baseline", "experiment",
                                              "blue",     "green",   "preview", "active",   "next",
                                              "previous", "old",     "new",     "a",        "b"};
constexpr std::string_view kTwinLabels[] = {
    "track",  "version",       "app.kubernetes.io/version", "color", "colour", "slot", "variant", "deployment", "stage",
    "canary", "helm.sh/chart", "rollouts-pod-template-hash"};

bool IsVersion(std::string_view token) {
  return token.size() >= 2 && token.front() == 'v' &&
         std::all_of(token.begin() + 1, token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "web" of web, web-canary, web-v2.
std::string_view Stem(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return name;
  const std::string_view token = name.substr(dash + 1);
  const bool twin = IsVersion(token) ||
                    std::find(std::begin(kTwinSuffixes), std::end(kTwinSuffixes), token) != std::end(kTwinSuffixes);
  return twin ? name.substr(0, dash) : name;
}

bool SameButForTrack(const Labels& a, const Labels& b) {
  const auto rest = [](const Labels& labels) {
    std::vector<const KeyValue*> kept;
    for (const KeyValue& pair : labels) {
      if (std::find(std::begin(kTwinLabels), std::end(kTwinLabels), pair.key.view()) == std::end(kTwinLabels))
        kept.push_back(&pair);
    }
    return kept;
  };
  const auto x = rest(a), y = rest(b);
  return a.size() + b.size() > x.size() + y.size() &&
         std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](const KeyValue* p, const KeyValue* q) { return *p == *q; });
}

bool AreTwins(const Workload& a, const Workload& b) {
  return (a.meta.name != b.meta.name && Stem(a.meta.name) == Stem(b.meta.name)) ||
         SameButForTrack(a.template_labels, b.template_labels);
}

std::string NameOf(const Workload& workload) { return workload.kind_name.str() + " " + workload.meta.name.str(); }

std::string RepositoryOf(const Container& container) {
  const std::optional<ImageReference> reference = ParseImageReference(container.image);
  return reference ? reference->Name() : container.image.str();
}

std::string_view Protocol(const Text& protocol) { return protocol.empty() ? std::string_view("TCP") : protocol.view(); }

// The container that declares the port; nullptr: none does.
const Container* Declares(const PodSpec& spec, const ServicePort& port) {
  const std::int32_t number = port.target.set() ? port.target.number : port.port;
  for (const ContainerRole role : {ContainerRole::kMain, ContainerRole::kSidecar}) {
    for (const Container& container : spec.containers) {
      if (container.role != role) continue;
      for (const ContainerPort& own : container.ports) {
        const bool same = port.target.name.empty() ? own.port == number : own.name == port.target.name;
        if (same && Protocol(own.protocol) == Protocol(port.protocol)) return &container;
      }
    }
  }
  return nullptr;
}

std::string FirstRepository(const PodSpec& spec) {
  for (const Container& container : spec.containers) {
    if (container.role == ContainerRole::kMain) return RepositoryOf(container);
  }
  return {};
}

// What is wrong with `other` standing behind the Service beside `first`; empty: nothing.
std::string Intrudes(const Service& service, const Workload& first, const Workload& other) {
  for (const ServicePort& port : service.ports) {
    if (IsMetricsPortName(port.name) || IsMetricsPortName(port.target.name)) continue;
    const Container* a = Declares(*first.spec, port);
    const Container* b = Declares(*other.spec, port);
    const std::string target = port.target.name.empty()
                                   ? std::to_string(port.target.number == 0 ? port.port : port.target.number)
                                   : port.target.name.str();
    if (a != nullptr && b == nullptr) return NameOf(other) + ", which declares no port " + target;
    if (a == nullptr && b != nullptr) return NameOf(first) + ", which declares no port " + target;
    const std::string mine = a == nullptr ? FirstRepository(*first.spec) : RepositoryOf(*a);
    const std::string theirs = b == nullptr ? FirstRepository(*other.spec) : RepositoryOf(*b);
    if (mine != theirs) return NameOf(other) + " beside " + NameOf(first) + ", and they run different images";
  }
  return {};
}

bool SpreadsTraffic(const Service& service) {
  // Names of single pods, and those that peers find each other by, are meant to cover all of them.
  return service.selector.present && !service.selector.empty() && service.type != "ExternalName" && !service.headless &&
         !service.publish_not_ready && !IsMetricsServiceName(service.meta.name);
}

void JudgeService(const ServiceRecord& record, Findings& findings) {
  std::vector<const Workload*> running;
  for (const WorkloadRecord* one : record.workloads) {
    if (!ScaledToZero(*one->workload) && one->workload->spec != nullptr) running.push_back(one->workload);
  }
  if (running.size() < 2) return;
  const Workload& first = *running.front();
  for (std::size_t i = 1; i < running.size(); ++i) {
    if (AreTwins(first, *running[i])) continue;
    const std::string what = Intrudes(*record.service, first, *running[i]);
    if (what.empty()) continue;
    findings.Add(Verdict::kFail, {}, "Service " + record.service->meta.name.str() + " also sends traffic to " + what);
    return;
  }
}

// Workloads by each of their labels, to ask few of them for each selector.
class ByLabel {
 public:
  void Add(const Workload& workload) {
    for (const KeyValue& pair : workload.template_labels)
      lists_[{pair.key.view(), pair.value.view()}].push_back(&workload);
  }
  // Those that may match; nullptr: the selector has no term that tells.
  const std::vector<const Workload*>* Candidates(const LabelSelector& selector) const {
    static const std::vector<const Workload*> kNone;
    const std::vector<const Workload*>* fewest = nullptr;
    for (const LabelSelector::Term& term : selector.terms) {
      if (term.op != LabelSelector::Op::kIn || term.values.size() != 1) continue;
      const auto found = lists_.find({term.key.view(), term.values.front().view()});
      const std::vector<const Workload*>& list = found == lists_.end() ? kNone : found->second;
      if (fewest == nullptr || list.size() < fewest->size()) fewest = &list;
    }
    return fewest;
  }

 private:
  std::map<std::pair<std::string_view, std::string_view>, std::vector<const Workload*>> lists_;
};

bool JudgeAutoscalers(const Context& context, Findings& findings) {
  (void)context.State(Kind::kHorizontalPodAutoscaler);  // read through the workloads
  const auto workloads = context.Workloads();
  if (std::all_of(workloads.begin(), workloads.end(),
                  [](const WorkloadRecord* record) { return record->autoscalers.empty(); }))
    return false;
  ByLabel by_label;
  for (const WorkloadRecord* record : workloads) by_label.Add(*record->workload);
  for (const WorkloadRecord* record : workloads) {
    const Workload& target = *record->workload;
    if (record->autoscalers.empty() || !target.selector.present || target.selector.empty()) continue;
    const std::vector<const Workload*>* candidates = by_label.Candidates(target.selector);
    if (candidates == nullptr) continue;
    for (const Workload* other : *candidates) {
      if (other == &target || ScaledToZero(*other) || !target.selector.Matches(other->template_labels) ||
          AreTwins(target, *other))
        continue;
      findings.Add(Verdict::kFail, {},
                   "HorizontalPodAutoscaler " + record->autoscalers.front()->meta.name.str() + " counts the pods of " +
                       NameOf(*other) + " as well: the selector of " + NameOf(target) + " matches them");
      break;
    }
  }
  return true;
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kService)) return *std::move(missing);
  Findings findings(context);
  bool any = false;
  for (const ServiceRecord* record : context.NamespaceServices()) {
    if (!SpreadsTraffic(*record->service)) continue;
    any = true;
    (void)context.Workloads();  // read through the Service
    JudgeService(*record, findings);
  }
  any |= JudgeAutoscalers(context, findings);
  if (!any) return Outcome::Na("no Service spreads traffic and no autoscaler counts pods in this namespace");
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kServiceSelectorExact = {
    .id = "service-selector-exact",
    .title = "Services and autoscalers select one workload's pods",
    .section = Section::kReplicas,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .penalty_only = true,
    .rule =
        "Fails when a Service's selector also matches pods of a workload that does not declare its target port, or "
        "that runs another image on it; and when the selector of an autoscaler's target matches another workload's "
        "pods, whose usage it then counts. Not applicable where no Service spreads traffic and no autoscaler is.",
    .why =
        "A part of the requests reaches pods that do not listen, or another application: errors that come and go. An "
        "autoscaler that counts a worker's pods scales the web server by their load.",
    .fix =
        "Label the parts of an application apart (app.kubernetes.io/component: web, worker) and select by that label "
        "in the Service and in the Deployment's selector, which can only be set anew.",
    .source = "E. Replicas and serving: stays available when a pod is recreated or deployed",
    .traps =
        "Canaries are excused: names that differ in an ending such as -canary, -primary, -blue or -v2, labels that "
        "differ in track or version. So are workloads of one image that declare the port (the roles of a datastore). "
        "Headless Services, those that publish not-ready addresses, metrics ports and workloads at 0 replicas are left "
        "out. A CronJob's pods become endpoints like others while they run.",
    .reads = {Kind::kService, Kind::kHorizontalPodAutoscaler, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet,
              Kind::kCronJob, Kind::kReplicaSet},
    .run = Run,
};

}  // namespace seaworthy::checks
