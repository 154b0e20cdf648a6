#include <algorithm>
#include <iterator>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"workloads", 5, "workloads behind a Service from which on a mesh is worth a look"}};

struct Sign {
  std::string_view key;
  std::string_view value;  // empty: any
  std::string_view mesh;
};
// Labels and annotations by which a namespace asks for the mesh: Istio's (revisions, ambient), Linkerd's, Kuma's,
// Consul's, Open Service Mesh's and its successors' documentation, as of 2026.
constexpr Sign kNamespaceSigns[] = {
    {"istio-injection", "enabled", "Istio"},
    {"istio.io/rev", "", "Istio"},
    {"istio.io/dataplane-mode", "ambient", "Istio (ambient)"},
    {"linkerd.io/inject", "enabled", "Linkerd"},
    {"kuma.io/sidecar-injection", "enabled", "Kuma"},
    {"consul.hashicorp.com/connect-inject", "true", "Consul"},
    {"flomesh.io/monitored-by", "", "FSM"},
};
constexpr Sign kTemplateSigns[] = {
    {"sidecar.istio.io/inject", "true", "Istio"},
    {"istio.io/rev", "", "Istio"},
    {"istio.io/dataplane-mode", "ambient", "Istio (ambient)"},
    {"linkerd.io/inject", "enabled", "Linkerd"},
    {"kuma.io/sidecar-injection", "enabled", "Kuma"},
    {"consul.hashicorp.com/connect-inject", "true", "Consul"},
};
constexpr Sign kProxies[] = {{"istio-proxy", "", "Istio"},
                             {"linkerd-proxy", "", "Linkerd"},
                             {"kuma-sidecar", "", "Kuma"},
                             {"consul-dataplane", "", "Consul"}};

template <std::size_t kSize>
std::string_view MeshBy(const Sign (&signs)[kSize], const Labels& labels) {
  for (const Sign& sign : signs) {
    const Text* value = labels.Find(sign.key);
    if (value != nullptr && (sign.value.empty() || *value == sign.value)) return sign.mesh;
  }
  return {};
}

std::string_view ProxyIn(const PodSpec& spec) {
  for (const Container& container : spec.containers) {
    for (const Sign& proxy : kProxies) {
      if (container.is_running_long() && container.name == proxy.key) return proxy.mesh;
    }
  }
  return {};
}

// A proxy that the mesh put into the pod shows in no template.
std::string_view InjectedInto(const WorkloadRecord& record) {
  for (const Pod* pod : record.pods) {
    if (pod->spec == nullptr) continue;
    if (const std::string_view mesh = ProxyIn(*pod->spec); !mesh.empty()) return mesh;
  }
  return {};
}

std::string_view MeshOf(const Workload& workload) {
  for (const Labels* labels : {&workload.template_labels, &workload.template_annotations}) {
    if (const std::string_view mesh = MeshBy(kTemplateSigns, *labels); !mesh.empty()) return mesh;
  }
  return ProxyIn(*workload.spec);
}

std::size_t CountServing(const Context& context) {
  std::size_t serving = 0;
  for (const WorkloadRecord* record : context.Workloads()) {
    const bool behind = !record->services.items.empty();
    if (behind && record->workload->workload_class != WorkloadClass::kCronJob) ++serving;
  }
  return serving;
}

std::string_view Applies(const Context& context) {
  if (!Usable(context, Kind::kService)) return "";
  return static_cast<double>(CountServing(context)) < context.Param("workloads")
             ? "few workloads behind Services in the namespace"
             : "";
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kService)) return *std::move(missing);
  const Namespace* ns = context.Namespace().object;
  if (ns != nullptr) {
    for (const Labels* labels : {&ns->meta.labels, &ns->meta.annotations}) {
      if (const std::string_view mesh = MeshBy(kNamespaceSigns, *labels); !mesh.empty())
        return Outcome::Pass("the namespace is in the mesh of " + std::string(mesh));
    }
  }
  for (const WorkloadRecord* record : context.Workloads()) {
    if (record->workload->spec == nullptr) continue;
    std::string_view mesh = MeshOf(*record->workload);
    if (mesh.empty()) mesh = InjectedInto(*record);
    if (!mesh.empty())
      return Outcome::Pass(record->workload->kind_name.str() + " " + record->workload->meta.name.str() +
                           " is in the mesh of " + std::string(mesh));
  }
  if (ns == nullptr) {
    if (context.offline())
      return Outcome::Unknown(UnknownCause::kNotInInput,
                              "the Namespace object, whose labels would say so, is not among the files");
    if (std::optional<Outcome> missing = Missing(context, Kind::kNamespace)) return *std::move(missing);
    return Outcome::Unknown(UnknownCause::kPending, "the Namespace object is not known yet");
  }
  return Outcome::Warn("several workloads call each other through Services, and no service mesh is seen");
}

}  // namespace

constinit const Check kServiceMesh = {
    .id = "service-mesh",
    .title = "A service mesh was considered where many services talk",
    .section = Section::kMonitoring,
    .severity = Severity::kInfo,
    .subject = SubjectType::kNamespace,
    .rule =
        "In a namespace with 5 or more workloads behind Services: passes when its labels or annotations, a pod "
        "template, or a container of one or of a pod, put it into a mesh (Istio, Linkerd, Kuma, Consul); else warns. "
        "Not scored.",
    .why =
        "Between many services it is the calls that fail: a mesh measures, encrypts and retries each of them without a "
        "change to the applications.",
    .fix =
        "Weigh the gain (traces, mTLS, retries) against the cost (a proxy for each pod or node, one more thing to "
        "run).",
    .source = "R. Monitoring: service mesh considered",
    .traps =
        "A mesh without sidecars that shows on no namespace (Cilium's) is not seen. To have decided against one is as "
        "good: this is a reminder, not a demand.",
    // Operators' workloads change with their pods.
    .reads = {Kind::kService, Kind::kNamespace, Kind::kPod, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet,
              Kind::kCronJob, Kind::kReplicaSet},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
