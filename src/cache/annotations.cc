#include "cache/annotations.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "cache/credentials_fact.h"

namespace seaworthy::cache {
namespace {

// A rule that ends in "/", "-" or "." is a prefix. A new check that reads an annotation adds its key here.
struct Rule {
  std::string_view key;
  Keep keep;
};
constexpr std::array kRules = std::to_array<Rule>({
    // Ours: tier, role, owner, singleton, data, capacity, attestations of a workload, waivers.
    {"seaworthy.dev/", Keep::kValue},
    {"audit.seaworthy.dev/", Keep::kValue},
    // Who owns it.
    {"owner", Keep::kValue},
    {"team", Keep::kValue},
    {"contact", Keep::kValue},
    {"app.kubernetes.io/", Keep::kValue},
    {"a8r.io/owner", Keep::kValue},
    {"a8r.io/runbook", Keep::kValue},
    {"a8r.io/support", Keep::kValue},
    {"runbook", Keep::kValue},
    {"runbook_url", Keep::kValue},
    {"dashboard", Keep::kValue},
    // Which tool released it.
    {"meta.helm.sh/", Keep::kValue},
    {"helm.sh/", Keep::kValue},
    {"argocd.argoproj.io/", Keep::kValue},
    {"rollout.argoproj.io/", Keep::kValue},
    {"kustomize.toolkit.fluxcd.io/", Keep::kValue},
    {"helm.toolkit.fluxcd.io/", Keep::kValue},
    {"kapp.k14s.io/", Keep::kPresence},
    {"fleet.cattle.io/", Keep::kPresence},
    {"objectset.rio.cattle.io/", Keep::kPresence},
    {"olm.", Keep::kPresence},
    {"operatorframework.io/", Keep::kPresence},
    {"operators.coreos.com/", Keep::kPresence},
    {"config.kubernetes.io/origin", Keep::kPresence},
    {"config.k8s.io/", Keep::kPresence},
    {"internal.config.kubernetes.io/", Keep::kPresence},
    {"alpha.config.kubernetes.io/transformations", Keep::kPresence},
    {"app.terraform.io/", Keep::kPresence},
    {"pulumi.com/", Keep::kPresence},
    {"flagger.app/", Keep::kValue},
    {"keel.sh/", Keep::kPresence},
    {"wave.pusher.com/update-on-config-change", Keep::kValue},
    {"wave.pusher.com/", Keep::kPresence},
    {"reloader.stakater.com/auto", Keep::kValue},
    {"reloader.stakater.com/search", Keep::kValue},
    {"reloader.stakater.com/", Keep::kPresence},
    {"configmap.reloader.stakater.com/auto", Keep::kValue},
    {"configmap.reloader.stakater.com/", Keep::kPresence},
    {"secret.reloader.stakater.com/auto", Keep::kValue},
    {"secret.reloader.stakater.com/", Keep::kPresence},
    {"kubernetes.io/change-cause", Keep::kPresence},
    {"deployment.kubernetes.io/revision", Keep::kValue},
    {"kubectl.kubernetes.io/restartedAt", Keep::kValue},
    // Disruption.
    {"cluster-autoscaler.kubernetes.io/safe-to-evict", Keep::kValue},
    {"cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes", Keep::kValue},
    {"cluster-autoscaler.kubernetes.io/scale-down-disabled", Keep::kValue},
    {"karpenter.sh/do-not-disrupt", Keep::kValue},
    {"karpenter.sh/do-not-evict", Keep::kValue},
    {"karpenter.sh/do-not-consolidate", Keep::kValue},
    {"descheduler.alpha.kubernetes.io/", Keep::kPresence},
    // Monitoring.
    {"prometheus.io/", Keep::kValue},
    {"prometheus.istio.io/", Keep::kValue},
    {"blackbox.prometheus.io/", Keep::kValue},
    {"monitoring.coreos.com/", Keep::kPresence},
    {"ad.datadoghq.com/", Keep::kPresence},
    {"metrics.dynatrace.com/", Keep::kValue},
    {"k8s.grafana.com/", Keep::kValue},
    {"monitor.stakater.com/enabled", Keep::kValue},
    {"gatus.home-operations.com/enabled", Keep::kValue},
    {"gethomepage.dev/", Keep::kPresence},
    // Maintenance pages and the class of an Ingress.
    {"kubernetes.io/ingress.class", Keep::kValue},
    {"nginx.ingress.kubernetes.io/custom-http-errors", Keep::kValue},
    {"nginx.ingress.kubernetes.io/default-backend", Keep::kValue},
    {"nginx.ingress.kubernetes.io/ssl-redirect", Keep::kValue},
    {"nginx.ingress.kubernetes.io/force-ssl-redirect", Keep::kValue},
    {"nginx.ingress.kubernetes.io/canary", Keep::kValue},
    {"nginx.ingress.kubernetes.io/ssl-passthrough", Keep::kValue},
    {"haproxy-ingress.github.io/ssl-passthrough", Keep::kValue},
    {"haproxy.org/ssl-passthrough", Keep::kValue},
    {"ingress.kubernetes.io/ssl-passthrough", Keep::kValue},
    {"traefik.ingress.kubernetes.io/router.middlewares", Keep::kValue},
    {"traefik.ingress.kubernetes.io/router.tls", Keep::kValue},
    {"traefik.ingress.kubernetes.io/router.entrypoints", Keep::kValue},
    {"haproxy.org/errorfiles", Keep::kPresence},
    {"haproxy-ingress.github.io/default-backend-redirect", Keep::kValue},
    {"haproxy-ingress.github.io/http-response-503", Keep::kPresence},
    {"alb.ingress.kubernetes.io/certificate-arn", Keep::kPresence},
    {"alb.ingress.kubernetes.io/listen-ports", Keep::kValue},
    {"cert-manager.io/cluster-issuer", Keep::kValue},
    {"cert-manager.io/issuer", Keep::kValue},
    {"alb.ingress.kubernetes.io/actions.", Keep::kPresence},
    {"appgw.ingress.kubernetes.io/appgw-ssl-certificate", Keep::kPresence},
    {"route.openshift.io/termination", Keep::kValue},
    {"networking.gke.io/managed-certificates", Keep::kPresence},
    {"ingress.gcp.kubernetes.io/pre-shared-cert", Keep::kPresence},
    // Security, as older clusters say it.
    {"container.apparmor.security.beta.kubernetes.io/", Keep::kValue},
    {"seccomp.security.alpha.kubernetes.io/", Keep::kValue},
    {"container.seccomp.security.alpha.kubernetes.io/", Keep::kValue},
    // Pods.
    {"kubernetes.io/config.mirror", Keep::kPresence},
    {"kubernetes.io/config.source", Keep::kValue},
    {"kubectl.kubernetes.io/default-container", Keep::kValue},
    {"sidecar.istio.io/inject", Keep::kValue},
    {"sidecar.istio.io/status", Keep::kPresence},
    {"linkerd.io/inject", Keep::kValue},
    {"kuma.io/sidecar-injection", Keep::kValue},
    {"consul.hashicorp.com/connect-inject", Keep::kValue},
    {"linkerd.io/proxy-version", Keep::kValue},
    {"k8s.v1.cni.cncf.io/networks", Keep::kPresence},
    // Storage and backups.
    {"storageclass.kubernetes.io/is-default-class", Keep::kValue},
    {"storageclass.beta.kubernetes.io/is-default-class", Keep::kValue},
    {"volume.beta.kubernetes.io/storage-class", Keep::kValue},
    {"volume.beta.kubernetes.io/storage-provisioner", Keep::kValue},
    {"volume.kubernetes.io/storage-provisioner", Keep::kValue},
    {"volume.kubernetes.io/selected-node", Keep::kPresence},
    {"pv.kubernetes.io/provisioned-by", Keep::kValue},
    {"pv.kubernetes.io/migrated-to", Keep::kValue},
    {"backup.velero.io/", Keep::kValue},
    {"k8up.io/", Keep::kValue},
    {"snapscheduler.backube/", Keep::kValue},
    // Namespaces and nodes.
    {"scheduler.alpha.kubernetes.io/node-selector", Keep::kValue},
    {"scheduler.alpha.kubernetes.io/defaultTolerations", Keep::kPresence},
    {"kwok.x-k8s.io/node", Keep::kPresence},
    // An autoscaler in other hands.
    {"autoscaling.keda.sh/paused", Keep::kValue},
    {"autoscaling.keda.sh/paused-replicas", Keep::kValue},
    {"endpoints.kubernetes.io/over-capacity", Keep::kPresence},
});

constexpr bool IsPrefix(std::string_view key) { return key.back() == '/' || key.back() == '.'; }

// Keys of kustomize's buildMetadata and of owners carry a domain of the users' own.
bool EndsWith(std::string_view key, std::string_view end) {
  return key.size() > end.size() && key.substr(key.size() - end.size()) == end;
}

}  // namespace

Keep KeepAnnotation(std::string_view key) {
  for (const Rule& rule : kRules) {
    if (IsPrefix(rule.key) ? key.substr(0, rule.key.size()) == rule.key : key == rule.key) return rule.keep;
  }
  // A hash of configuration that charts write on a template; its value says nothing.
  if (key.find("checksum") != std::string_view::npos || EndsWith(key, "-hash") || EndsWith(key, "/hash"))
    return Keep::kPresence;
  return EndsWith(key, "/owner") || EndsWith(key, "/team") || EndsWith(key, "/runbook") || EndsWith(key, "/dashboard")
             ? Keep::kValue
             : Keep::kDropped;
}

Labels KeepAnnotations(const support::Node& annotations, TextPool& pool, List<CredentialFact>* facts) {
  List<KeyValue> kept;
  for (const support::Node& annotation : annotations) {
    const std::string_view key = annotation.key(), value = annotation.text();
    // What was applied is the object once more, and the object is read by itself.
    if (key == kLastApplied) continue;
    const Keep keep = KeepAnnotation(key);
    if (keep == Keep::kDropped && facts == nullptr) continue;
    // Their names say little ("auth-secret" names a Secret), so only the value counts; and many hold whole
    // configurations, in which `token=` is too weak a sign for a finding, though enough not to keep the value.
    const auto found = keep == Keep::kValue || facts != nullptr ? FindCredential(value) : std::nullopt;
    const bool certain = found && found->evidence != CredentialFact::Evidence::kNamedLiteral;
    if (certain && facts != nullptr && facts->size() < kMaxCredentialFacts) {
      const std::string where = "annotation[" + std::string(CutUtf8(key, 256)) + "]";
      const bool known =
          std::any_of(facts->begin(), facts->end(), [&](const CredentialFact& fact) { return fact.where == where; });
      if (!known) facts->push_back({found->evidence, pool.Intern(where), pool.Intern(found->what)});
    }
    if (keep == Keep::kDropped) continue;
    const bool with_value = keep == Keep::kValue && !found;
    kept.push_back(
        {pool.Intern(CutUtf8(key, 320)), with_value ? pool.Intern(CutUtf8(value, kMaxAnnotationValue)) : Text()});
  }
  return Labels(std::move(kept));
}

std::string_view LastAppliedApiVersion(std::string_view configuration) {
  constexpr std::string_view kBegin = "{\"apiVersion\":\"";  // kubectl writes the keys sorted and without spaces
  if (configuration.substr(0, kBegin.size()) != kBegin) return {};
  configuration.remove_prefix(kBegin.size());
  const std::size_t quote = configuration.find('"');
  if (quote == std::string_view::npos || quote > 128) return {};
  const std::string_view version = configuration.substr(0, quote);
  return version.find('\\') == std::string_view::npos ? version : std::string_view();
}

}  // namespace seaworthy::cache
