// What release tools leave on the objects they apply. Data for release-tool and no-copied-manifests; field managers are
// in checks/delivery/managers.cc.
//
// Source: the tools' own documentation and code (Helm's recommended labels and release annotations, Argo CD's resource
// tracking, Flux' kustomize and helm controllers, kapp's and Fleet's labels, Kustomize's buildMetadata, OLM's owner
// labels, and so on); looked through on 2026-11-20. An annotation has to be on the list of those that the decoder keeps
// (cache/annotations.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/workload.h"

namespace seaworthy::checks {

struct ReleaseSign {
  enum class In : std::uint8_t { kLabel, kAnnotation };
  In in;
  std::string_view key;    // ends in "/" or ".": any key that begins so
  std::string_view value;  // any value that begins so, without regard to case; empty: any
  std::string_view tool;
};
inline constexpr ReleaseSign kReleaseSigns[] = {
    {ReleaseSign::In::kAnnotation, "meta.helm.sh/release-name", "", "Helm"},
    {ReleaseSign::In::kLabel, "helm.sh/chart", "", "Helm"},
    {ReleaseSign::In::kLabel, "chart", "", "Helm"},  // charts of before 2019, with `release` and `heritage`
    {ReleaseSign::In::kLabel, "heritage", "helm", "Helm"},
    {ReleaseSign::In::kLabel, "heritage", "tiller", "Helm"},

    {ReleaseSign::In::kAnnotation, "argocd.argoproj.io/tracking-id", "", "Argo CD"},
    {ReleaseSign::In::kLabel, "argocd.argoproj.io/instance", "", "Argo CD"},
    {ReleaseSign::In::kAnnotation, "argocd.argoproj.io/sync-wave", "", "Argo CD"},
    {ReleaseSign::In::kAnnotation, "argocd.argoproj.io/sync-options", "", "Argo CD"},

    {ReleaseSign::In::kLabel, "kustomize.toolkit.fluxcd.io/name", "", "Flux"},
    {ReleaseSign::In::kLabel, "helm.toolkit.fluxcd.io/name", "", "Flux"},

    {ReleaseSign::In::kLabel, "kapp.k14s.io/app", "", "kapp"},
    {ReleaseSign::In::kAnnotation, "kapp.k14s.io/", "", "kapp"},

    {ReleaseSign::In::kAnnotation, "fleet.cattle.io/", "", "Fleet"},
    {ReleaseSign::In::kLabel, "fleet.cattle.io/", "", "Fleet"},
    {ReleaseSign::In::kAnnotation, "objectset.rio.cattle.io/", "", "Fleet or Rancher"},
    {ReleaseSign::In::kLabel, "objectset.rio.cattle.io/", "", "Fleet or Rancher"},

    {ReleaseSign::In::kLabel, "olm.", "", "Operator Lifecycle Manager"},
    {ReleaseSign::In::kAnnotation, "olm.", "", "Operator Lifecycle Manager"},
    {ReleaseSign::In::kLabel, "operators.coreos.com/", "", "Operator Lifecycle Manager"},

    {ReleaseSign::In::kAnnotation, "config.kubernetes.io/origin", "", "Kustomize"},
    {ReleaseSign::In::kAnnotation, "alpha.config.kubernetes.io/transformations", "", "Kustomize"},

    {ReleaseSign::In::kAnnotation, "app.terraform.io/", "", "Terraform"},
    {ReleaseSign::In::kAnnotation, "pulumi.com/", "", "Pulumi"},
    {ReleaseSign::In::kLabel, "tanka.dev/environment", "", "Tanka"},
    {ReleaseSign::In::kLabel, "addonmanager.kubernetes.io/mode", "", "the cluster's addon manager"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "helm", "Helm"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "kustomize", "Kustomize"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "terraform", "Terraform"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "argocd", "Argo CD"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "flux", "Flux"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "kapp", "kapp"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "pulumi", "Pulumi"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "werf", "werf"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "timoni", "Timoni"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "kluctl", "kluctl"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "spinnaker", "Spinnaker"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "cnrm", "Config Connector"},
    {ReleaseSign::In::kLabel, "app.kubernetes.io/managed-by", "configmanagement", "Config Sync"},
};

// Field managers that are on the list of pipelines and release nothing: they move replicas and traffic between
// revisions.
inline constexpr std::string_view kNotReleaseTools[] = {"flagger", "argo-rollouts", "rollouts-controller"};

// "Helm, says label helm.sh/chart": the tool and where it shows; empty where none does.
std::string ReleaseToolSeen(const Workload& workload);

struct ReleaseMark {
  std::string_view tool;
  std::string key;  // "label helm.sh/chart"
};
// The first that the workload's annotations show, else its labels; of the tools that `accept` takes.
std::optional<ReleaseMark> FindReleaseMark(const Workload& workload, bool (*accept)(std::string_view tool) = nullptr);

}  // namespace seaworthy::checks
