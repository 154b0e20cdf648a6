// Pods that a system runs without an owning object on purpose: a build, a task, a notebook. Data for no-bare-pods.
//
// Source: the labels that these set on the pods they create, from their own code and documentation: GitLab Runner's and
// Jenkins' Kubernetes executors, Airflow's KubernetesExecutor and KubernetesPodOperator, Spark on Kubernetes (the
// driver), JupyterHub's KubeSpawner, Prefect, Drone, Woodpecker, Buildkite, Concourse, Argo Workflows and Tekton (where
// ownership is switched off), Testkube, kubectl debug; looked through on 2026-11-20.
#pragma once

#include <string_view>

namespace seaworthy::checks {

struct RunnerLabel {
  std::string_view key;
  std::string_view value;  // empty: any
};
inline constexpr RunnerLabel kRunnerLabels[] = {
    {"job.runner.gitlab.com/pod", ""},
    {"manager.runner.gitlab.com/name", ""},
    {"jenkins", "slave"},
    {"jenkins/label", ""},
    {"airflow_version", ""},
    {"airflow_kpo_in_cluster", ""},
    {"kubernetes_executor", "True"},
    {"spark-role", ""},
    {"spark-app-selector", ""},
    {"component", "singleuser-server"},
    {"prefect.io/flow-run-id", ""},
    {"io.drone", "true"},
    {"io.drone.name", ""},
    {"woodpecker-ci.org/step", ""},
    {"buildkite.com/job-uuid", ""},
    {"concourse.ci/type", ""},
    {"workflows.argoproj.io/workflow", ""},
    {"tekton.dev/taskRun", ""},
    {"actions.github.com/scale-set-name", ""},
    {"testkube-id", ""},
    {"batch.kubernetes.io/job-name", ""},
    {"app.kubernetes.io/managed-by", "kubectl-debug"},
};

}  // namespace seaworthy::checks
