#include "checks/delivery/managers.h"

#include <algorithm>

namespace seaworthy::checks {
namespace {

// A manager's name is what the client gives as fieldManager, else the part of its user agent before the first "/"
// (k8s.io/apiserver/pkg/endpoints/handlers: managerOrUserAgent). Names are from the tools' sources and from
// managedFields seen in the wild.
struct Named {
  std::string_view name;
  ManagerKind kind;
  bool prefix = false;
};
constexpr Named kManagers[] = {
    // Argo CD: the controller's field manager, and the user agents of its older and newer client-side applies.
    {"argocd-controller", ManagerKind::kGitOps},
    {"argocd-application-controller", ManagerKind::kGitOps},
    // Flux: kustomize-controller and helm-controller; the last one migrated client-side applies.
    {"kustomize-controller", ManagerKind::kGitOps},
    {"helm-controller", ManagerKind::kGitOps},
    {"flux-client-side-apply", ManagerKind::kGitOps},
    {"flux", ManagerKind::kGitOps},
    // Helm: by user agent in version 3, by name in version 4.
    {"helm", ManagerKind::kGitOps},
    {"Helm", ManagerKind::kGitOps},
    // Rancher Fleet.
    {"fleetagent", ManagerKind::kGitOps},
    {"fleet-agent", ManagerKind::kGitOps},
    // Config Sync.
    {"configsync", ManagerKind::kGitOps},
    {"configmanagement", ManagerKind::kGitOps},
    // Carvel.
    {"kapp", ManagerKind::kGitOps},
    {"kapp-controller", ManagerKind::kGitOps},
    // Operator Lifecycle Manager.
    {"olm", ManagerKind::kGitOps},
    {"operator-lifecycle-manager", ManagerKind::kGitOps},

    {"Terraform", ManagerKind::kPipeline},
    {"terraform", ManagerKind::kPipeline},
    {"HashiCorp", ManagerKind::kPipeline},  // user agent of Terraform's provider: "HashiCorp/1.0 Terraform/..."
    {"pulumi-kubernetes", ManagerKind::kPipeline, true},  // with a suffix of its own on each resource
    {"pulumi-resource-kubernetes", ManagerKind::kPipeline},
    {"werf", ManagerKind::kPipeline},
    {"kluctl", ManagerKind::kPipeline},
    {"timoni", ManagerKind::kPipeline},
    {"spin-clouddriver", ManagerKind::kPipeline},
    {"flagger", ManagerKind::kPipeline},
    {"argo-rollouts", ManagerKind::kPipeline},
    {"rollouts-controller", ManagerKind::kPipeline},

    {"kubectl", ManagerKind::kPlain},  // kubectl apply --server-side
    {"kubectl-client-side-apply", ManagerKind::kPlain},
    {"kubectl-last-applied", ManagerKind::kPlain},
    {"kubectl-create", ManagerKind::kPlain},
    {"kubectl-replace", ManagerKind::kPlain},
    {"kubectl-set", ManagerKind::kPlain},
    {"kubectl-rollout", ManagerKind::kPlain},  // restart and undo
    {"kubectl-annotate", ManagerKind::kPlain},
    {"kubectl-label", ManagerKind::kPlain},
    {"kubectl-autoscale", ManagerKind::kPlain},
    {"kubectl-expose", ManagerKind::kPlain},
    {"kubectl-run", ManagerKind::kPlain},
    {"oc", ManagerKind::kPlain},
    {"oc-set", ManagerKind::kPlain},

    {"kubectl-edit", ManagerKind::kInteractive},
    {"kubectl-patch", ManagerKind::kInteractive},
    {"oc-edit", ManagerKind::kInteractive},
    {"oc-patch", ManagerKind::kInteractive},
    {"k9s", ManagerKind::kInteractive},
    {"Lens", ManagerKind::kInteractive},
    {"OpenLens", ManagerKind::kInteractive},
    {"freelens", ManagerKind::kInteractive},
    {"node-fetch", ManagerKind::kInteractive},  // Lens and its descendants, by their HTTP library
    {"dashboard", ManagerKind::kInteractive},   // Kubernetes Dashboard
    {"kubernetes-dashboard", ManagerKind::kInteractive},
    {"headlamp", ManagerKind::kInteractive},
    {"octant", ManagerKind::kInteractive},
    {"Mozilla", ManagerKind::kInteractive},  // any web console that passes a browser's request on: OpenShift, Rancher,
                                             // cloud portals
    {"GoogleCloudConsole", ManagerKind::kInteractive},
    {"argocd-server",
     ManagerKind::kInteractive},  // resource actions and edits in Argo CD's web page; syncs are the controller's
};

bool Listed(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ManagerKind KindOfManager(std::string_view name, const ManagerNames* policy) {
  if (policy != nullptr) {
    if (Listed(policy->interactive, name)) return ManagerKind::kInteractive;
    if (Listed(policy->pipeline, name)) return ManagerKind::kPipeline;
  }
  for (const Named& known : kManagers) {
    if (known.prefix ? name.substr(0, known.name.size()) == known.name : name == known.name) return known.kind;
  }
  return ManagerKind::kUnlisted;
}

}  // namespace seaworthy::checks
