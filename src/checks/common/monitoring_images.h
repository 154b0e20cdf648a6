// Images of what watches clusters: Prometheus and its likes, exporters of cluster state and of nodes, agents that
// gather metrics by themselves, collectors and stores of logs. Data for the checks of monitoring and logging.
//
// Source: written down from the projects' Helm charts, manifests and documentation and from the names under which
// distributions (EKS, GKE, AKS, OpenShift, RKE2) mirror them, as of 2026; not generated from them. An entry is compared
// with the end of the image's repository at a `/` (roles.h, RepositoryEndsIn).
#pragma once

#include <string_view>

#include "seaworthy/workload.h"

namespace seaworthy::checks {

struct KnownImage {
  std::string_view repository;
  std::string_view name;  // as people call it
};

// Scrape, or take in what was scraped, and answer PromQL or pass it on to something that does.
inline constexpr KnownImage kPrometheusLikes[] = {
    {"prometheus/prometheus", "Prometheus"},
    {"prom/prometheus", "Prometheus"},
    {"bitnami/prometheus", "Prometheus"},
    {"bitnamilegacy/prometheus", "Prometheus"},
    {"openshift/prometheus", "Prometheus"},
    {"prometheus-engine/prometheus", "Google's Managed Prometheus"},
    {"chainguard/prometheus", "Prometheus"},
    {"victoriametrics/victoria-metrics", "VictoriaMetrics"},
    {"victoriametrics/vmagent", "vmagent"},
    {"victoriametrics/vmselect", "VictoriaMetrics"},
    {"victoria-metrics", "VictoriaMetrics"},
    {"vmagent", "vmagent"},
    {"grafana/mimir", "Mimir"},
    {"grafana/alloy", "Grafana Alloy"},
    {"grafana/agent", "Grafana Agent"},
    {"cortexproject/cortex", "Cortex"},
    {"greptime/greptimedb", "GreptimeDB"},
    {"ama/prometheus-collector/images", "Azure's managed Prometheus"},
    {"prometheus-collector/images", "Azure's managed Prometheus"},
};

// Those of kube-prometheus, prometheus-community's charts, Bitnami, OpenShift and VictoriaMetrics (which ships
// Prometheus' own).
inline constexpr KnownImage kAlertmanagers[] = {
    {"alertmanager", "Alertmanager"},
    {"prometheus-alertmanager", "Alertmanager"},
    {"vmalertmanager", "Alertmanager"},
};

inline constexpr KnownImage kStateExporters[] = {
    {"kube-state-metrics", "kube-state-metrics"},
    {"openshift-state-metrics", "openshift-state-metrics"},
};

inline constexpr KnownImage kNodeExporters[] = {
    {"node-exporter", "node-exporter"},
    {"windows-exporter", "windows-exporter"},
};

// What they are labelled (app.kubernetes.io/name) by the operators and charts that run them under images without a
// telling name, as OpenShift does with all of its own.
inline constexpr std::string_view kPrometheusNames[] = {"prometheus", "prometheus-agent", "vmagent", "vmsingle",
                                                        "mimir"};
inline constexpr std::string_view kAlertmanagerNames[] = {"alertmanager", "vmalertmanager"};
inline constexpr std::string_view kStateExporterNames[] = {"kube-state-metrics"};
inline constexpr std::string_view kNodeExporterNames[] = {"node-exporter", "prometheus-node-exporter"};

// Agents that find workloads and read their metrics without an object for each; nobody sees in the API which. Those
// that only do what they are configured for (Alloy, OpenTelemetry) count where no Prometheus object is there to do it.
struct MetricsAgent {
  std::string_view repository;
  std::string_view name;
  bool if_configured = false;
};
inline constexpr MetricsAgent kMetricsAgents[] = {
    {"datadog/agent", "the Datadog agent"},
    {"datadoghq/agent", "the Datadog agent"},
    {"datadog/datadog-agent", "the Datadog agent"},
    {"dynatrace/oneagent", "Dynatrace OneAgent"},
    {"dynatrace-operator", "Dynatrace"},
    {"newrelic/infrastructure-bundle", "the New Relic agent"},
    {"newrelic/infrastructure-k8s", "the New Relic agent"},
    {"newrelic/nri-kubernetes", "the New Relic agent"},
    {"sysdig/agent", "the Sysdig agent"},
    {"instana/agent", "the Instana agent"},
    {"splunk-otel-collector", "Splunk's OpenTelemetry collector"},
    {"elastic-agent", "Elastic Agent"},
    {"metricbeat", "Metricbeat"},
    {"appdynamics/machine-agent", "the AppDynamics agent"},
    {"cloudwatch-agent", "the CloudWatch agent"},
    {"azuremonitor/containerinsights/ciprod", "Azure Monitor"},
    {"prometheus-collector/images", "Azure's managed Prometheus"},
    {"netdata/netdata", "Netdata"},
    {"coroot-node-agent", "Coroot"},
    {"groundcover/sensor", "groundcover"},
    {"odigos-collector", "Odigos"},
    {"grafana/alloy", "Grafana Alloy", true},
    {"grafana/agent", "Grafana Agent", true},
    {"opentelemetry-collector", "the OpenTelemetry collector", true},
    {"opentelemetry-collector-contrib", "the OpenTelemetry collector", true},
    {"opentelemetry-collector-k8s", "the OpenTelemetry collector", true},
    {"aws-otel-collector", "AWS's OpenTelemetry collector", true},
    {"telegraf", "Telegraf", true},
};

// Read the logs of a node's containers. Agents that do so only when told (Datadog) are among them: they are what would
// do it.
inline constexpr KnownImage kLogCollectors[] = {
    {"fluent-bit", "Fluent Bit"},
    {"fluentbit", "Fluent Bit"},
    {"aws-for-fluent-bit", "Fluent Bit"},
    {"newrelic-fluentbit-output", "Fluent Bit"},
    {"fluentd", "Fluentd"},
    {"fluentd-kubernetes-daemonset", "Fluentd"},
    {"fluentd-elasticsearch", "Fluentd"},
    {"fluentd-hec", "Fluentd"},
    {"timberio/vector", "Vector"},
    {"vectordotdev/vector", "Vector"},
    {"promtail", "Promtail"},
    {"grafana/alloy", "Grafana Alloy"},
    {"grafana/agent", "Grafana Agent"},
    {"filebeat", "Filebeat"},
    {"elastic-agent", "Elastic Agent"},
    {"opentelemetry-collector", "the OpenTelemetry collector"},
    {"opentelemetry-collector-contrib", "the OpenTelemetry collector"},
    {"opentelemetry-collector-k8s", "the OpenTelemetry collector"},
    {"splunk-otel-collector", "Splunk's OpenTelemetry collector"},
    {"aws-otel-collector", "AWS's OpenTelemetry collector"},
    {"vlagent", "vlagent"},
    {"datadog/agent", "the Datadog agent"},
    {"datadoghq/agent", "the Datadog agent"},
    {"datadog/datadog-agent", "the Datadog agent"},
    {"dynatrace/oneagent", "Dynatrace OneAgent"},
    {"dynatrace/dynatrace-logmodule", "Dynatrace's log module"},
    {"instana/agent", "the Instana agent"},
    {"sumologic-otel-collector", "Sumo Logic's collector"},
    {"logzio-logs-collector", "Logz.io's collector"},
    {"coralogix-otel-collector", "Coralogix' collector"},
    {"azuremonitor/containerinsights/ciprod", "Azure Monitor"},
    {"cluster-logging-operator", "OpenShift's collector"},
    {"openshift-logging/vector-rhel8", "Vector"},
    {"openshift-logging/vector-rhel9", "Vector"},
    {"openshift-logging/fluentd-rhel8", "Fluentd"},
    {"openshift-logging/fluentd-rhel9", "Fluentd"},
    {"filebeat-oss", "Filebeat"},
    {"filebeat-wolfi", "Filebeat"},
    {"logdna-agent", "Mezmo's agent"},
    {"signoz-otel-collector", "SigNoz' collector"},
    {"groundcover/sensor", "groundcover"},
};

// Stores of logs. Those that are databases for anything hold logs where their own name or their namespace's says so.
inline constexpr KnownImage kLogStores[] = {
    {"grafana/loki", "Loki"},
    {"grafana-loki", "Loki"},
    {"graylog", "Graylog"},
    {"graylog-enterprise", "Graylog"},
    {"victoria-logs", "VictoriaLogs"},
    {"vlstorage", "VictoriaLogs"},
    {"quickwit/quickwit", "Quickwit"},
    {"openobserve", "OpenObserve"},
    {"openobserve-enterprise", "OpenObserve"},
    {"signoz/signoz", "SigNoz"},
    {"signoz/query-service", "SigNoz"},
    {"splunk/splunk", "Splunk"},
    {"parseable/parseable", "Parseable"},
};
inline constexpr KnownImage kSearchStores[] = {
    {"elasticsearch", "Elasticsearch"},
    {"opensearch", "OpenSearch"},
    {"clickhouse-server", "ClickHouse"},
    {"greptimedb", "GreptimeDB"},
};
// Words between hyphens; of the second list what they begin with. "catalog", "blog" and "logistics" are no logs.
inline constexpr std::string_view kLogWords[] = {"log",      "logs", "logging", "logstore",
                                                 "logstash", "elk",  "efk",     "siem"};
inline constexpr std::string_view kLogWordsBegin[] = {"observ", "monitor"};

}  // namespace seaworthy::checks
