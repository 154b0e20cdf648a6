#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "checks/all_checks.h"
#include "checks/common/findings.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minimum", 2, "pods that are ready behind such a webhook at least"}};

struct Resource {
  std::string_view name, group;
};
constexpr Resource kRunsPods[] = {{"pods", ""},           {"deployments", "apps"}, {"statefulsets", "apps"},
                                  {"daemonsets", "apps"}, {"replicasets", "apps"}, {"jobs", "batch"},
                                  {"cronjobs", "batch"}};

class Webhook {
 public:
  Webhook(const Extension& configuration, std::uint16_t index) : configuration_(configuration), index_(index) {}

  std::string Name() const {
    return std::string(Info(configuration_.kind).name) + " " + configuration_.meta.name.str() + ", webhook " +
           std::string(One("webhooks[].name"));
  }
  // When it does not answer, the request is refused; that is the default.
  bool Refuses() const {
    const std::string_view policy = One("webhooks[].failurePolicy");
    return policy.empty() || policy == "Fail";
  }
  // What it is asked about that stands for running pods, when created; empty: nothing.
  std::string_view Covered() const {
    for (const Extension::Fact& fact : configuration_.facts) {
      if (fact.path != "webhooks[].rules[].resources[]" || fact.outer != index_) continue;
      const std::string_view resource = fact.value;
      if (!Has(fact, "webhooks[].rules[].operations[]", "CREATE") || IsOfCluster(fact)) continue;
      for (const Resource& known : kRunsPods) {
        if ((resource == "*" || resource == "*/*" || resource == known.name) &&
            Has(fact, "webhooks[].rules[].apiGroups[]", known.group))
          return known.name;
      }
    }
    return {};
  }
  // CEL that may exempt anything.
  bool IsNarrowed() const { return !One("webhooks[].matchConditions?").empty(); }
  bool CoversNamespace(const NamespaceRecord& ns) const {
    const LabelSelector* selector = configuration_.SelectorAt("webhooks[].namespaceSelector{}", index_);
    return selector == nullptr || ns.object == nullptr || selector->Matches(ns.object->meta.labels);
  }
  // Whether it is asked about some of these. Of none: about what has no labels.
  bool CoversSome(std::span<WorkloadRecord* const> workloads) const {
    const LabelSelector* selector = configuration_.SelectorAt("webhooks[].objectSelector{}", index_);
    if (selector == nullptr) return true;
    if (workloads.empty()) return selector->Matches(Labels());
    return std::any_of(workloads.begin(), workloads.end(), [&](const WorkloadRecord* record) {
      return selector->Matches(record->workload->template_labels) || selector->Matches(record->workload->meta.labels);
    });
  }
  std::string_view service_namespace() const { return One("webhooks[].clientConfig.service.namespace"); }
  std::string_view service_name() const { return One("webhooks[].clientConfig.service.name"); }

 private:
  std::string_view One(std::string_view path) const {
    const auto values = configuration_.Within(index_, path);
    return values.empty() ? std::string_view() : values.front();
  }
  // Of the same rule.
  bool Has(const Extension::Fact& beside, std::string_view path, std::string_view wanted) const {
    return std::any_of(configuration_.facts.begin(), configuration_.facts.end(), [&](const Extension::Fact& fact) {
      return fact.path == path && fact.outer == beside.outer && fact.middle == beside.middle &&
             (fact.value == wanted || fact.value == "*");
    });
  }

  // Whether the rule is about what is in no namespace, as nothing is that runs pods. Rules are the innermost list of
  // this path, whose numbers go on by one more at the end of each webhook.
  bool IsOfCluster(const Extension::Fact& beside) const {
    return std::any_of(configuration_.facts.begin(), configuration_.facts.end(), [&](const Extension::Fact& fact) {
      return fact.path == "webhooks[].rules[].scope" && fact.outer == beside.outer &&
             fact.inner == beside.middle + beside.outer && fact.value == "Cluster";
    });
  }

  const Extension& configuration_;
  std::uint16_t index_;
};

const NamespaceRecord* FindNamespace(const Context& context, std::string_view name) {
  for (const NamespaceRecord* ns : context.Namespaces()) {
    if (ns->name == name) return ns;
  }
  return nullptr;
}

const ServiceRecord* FindService(const NamespaceRecord* ns, std::string_view name) {
  if (ns == nullptr) return nullptr;
  for (const ServiceRecord* service : ns->services) {
    if (service->service->meta.name == name) return service;
  }
  return nullptr;
}

std::int64_t ReadyPods(const ServiceRecord& service) {
  std::int64_t ready = 0;
  for (const WorkloadRecord* workload : service.workloads) {
    ready += std::count_if(workload->pods.begin(), workload->pods.end(), [](const Pod* pod) {
      return pod->IsReady() && !pod->meta.deleted.set() && !pod->IsTerminal();
    });
  }
  return ready;
}

void Judge(const Context& context, const Webhook& webhook, Findings& by_spec, Findings& by_status) {
  const std::string_view covered = webhook.Covered();
  if (covered.empty() || !webhook.Refuses()) return;
  const std::string name = webhook.Name() + ": ";
  const std::string refuses = "with failurePolicy Fail it decides about " + std::string(covered);
  const NamespaceRecord* system = FindNamespace(context, "kube-system");
  if (system != nullptr && !webhook.IsNarrowed() && webhook.CoversNamespace(*system) &&
      webhook.CoversSome(system->workloads))
    by_spec.Add(Verdict::kFail, {},
                name + refuses + " in kube-system: while it does not answer, the cluster cannot repair itself");
  if (webhook.service_name().empty()) return;  // reached by a URL: what stands behind it is not to be seen
  const NamespaceRecord* own = FindNamespace(context, webhook.service_namespace());
  const ServiceRecord* service = FindService(own, webhook.service_name());
  const std::string service_name =
      "Service " + std::string(webhook.service_namespace()) + "/" + std::string(webhook.service_name());
  if (service == nullptr) {
    by_spec.Add(Verdict::kFail, {}, name + refuses + ", and its " + service_name + " does not exist");
    return;
  }
  if (own != system && !webhook.IsNarrowed() && webhook.CoversNamespace(*own) && !service->workloads.empty() &&
      webhook.CoversSome(service->workloads))
    by_spec.Add(Verdict::kFail, {},
                name + refuses + " in its own namespace " + own->name.str() +
                    ": once it is down, it keeps itself from coming back");
  if (!service->service->selector.present || service->service->selector.empty())
    return;  // its endpoints are kept by somebody else
  const auto minimum = static_cast<std::int64_t>(context.Param("minimum"));
  if (ReadyPods(*service) < minimum) {
    by_status.Add(
        Verdict::kFail, {},
        name + refuses + ", and fewer than " + std::to_string(minimum) + " pods behind " + service_name + " are ready");
  }
}

Outcome Run(const Context& context) {
  (void)context.Live(Kind::kService);  // read through their namespaces
  (void)context.Live(Kind::kPod);
  Findings by_spec(context), by_status(context);
  for (const Kind kind : {Kind::kValidatingWebhookConfiguration, Kind::kMutatingWebhookConfiguration}) {
    for (const Object* object : context.Everywhere(kind)) {
      const Extension& configuration = Context::AsExtension(*object);
      for (const Extension::Fact* webhook : configuration.All("webhooks[].name"))
        Judge(context, Webhook(configuration, webhook->outer), by_spec, by_status);
    }
  }
  // What is written down needs no time to be believed.
  if (!by_spec.empty()) return std::move(by_spec).Finish(Outcome::Pass()).Settled();
  return std::move(by_status).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kWebhookSafe = {
    .id = "webhook-safe",
    .title = "Admission webhooks cannot lock the cluster up",
    .section = Section::kDelivery,
    .severity = Severity::kHigh,
    .subject = SubjectType::kCluster,
    .penalty_only = true,
    .holds = true,
    .rule =
        "Looks at admission webhooks with failurePolicy Fail (the default) that are asked about the creation of pods "
        "or workloads. Fails when one covers kube-system, or the namespace and the pods of its own server, by its "
        "selectors and today's labels; when its Service does not exist; or when fewer than two pods behind it have "
        "been ready for 10 minutes. Unknown in a scan and where webhooks are not readable.",
    .why =
        "While such a webhook does not answer, no pod can be created: not the CNI's, not DNS', not its own. A node "
        "failure becomes an outage of the cluster that only deleting the webhook ends.",
    .fix =
        "Exclude kube-system and the webhook's own namespace with a namespaceSelector on kubernetes.io/metadata.name, "
        "run two replicas with a PodDisruptionBudget, or set failurePolicy: Ignore where the policy can be audited "
        "afterwards.",
    .source = "Kubernetes: Admission Webhook Good Practices",
    .traps =
        "An objectSelector that only labelled pods meet keeps kube-system out, and counts. Webhooks with "
        "matchConditions may exempt anything: their coverage is not judged, their replicas are. Of those reached by a "
        "URL the server is not to be seen. Webhooks about updates alone, subresources, other kinds or what is in no "
        "namespace (scope: Cluster) do not stop pods.",
    .reads = {Kind::kValidatingWebhookConfiguration, Kind::kMutatingWebhookConfiguration, Kind::kService, Kind::kPod,
              Kind::kNamespace},
    .needs = {Kind::kValidatingWebhookConfiguration, Kind::kMutatingWebhookConfiguration, Kind::kService, Kind::kPod},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
