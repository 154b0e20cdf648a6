#include "wiring/run_command.h"

#include <CLI/CLI.hpp>

#include "wiring/operator.h"

namespace seaworthy::wiring {

void AddRunOptions(CLI::App& app, RunArguments& arguments) {
  app.set_config("--config", "", "Configuration file; its keys are the names of the flags");
  const auto option = [&](const std::string& name, auto& value, const std::string& variable, const std::string& help) {
    app.add_option(name, value, help)->envname("SEAWORTHY_" + variable)->capture_default_str();
  };
  option("--kubeconfig", arguments.kubeconfig, "KUBECONFIG",
         "Kubeconfig file (default: in-cluster, then KUBECONFIG, then ~/.kube/config)");
  option("--context", arguments.context, "CONTEXT", "Context of the kubeconfig");
  option("--metrics-address", arguments.metrics_address, "METRICS_ADDRESS", "Address of /metrics");
  option("--metrics-secure", arguments.metrics_secure, "METRICS_SECURE",
         "TLS on /metrics, and only for bearer tokens that the API server lets get the nonResourceURL /metrics");
  option("--metrics-cert-file", arguments.metrics_cert_file, "METRICS_CERT_FILE",
         "Certificate chain of /metrics, PEM, read again when it changes (default: self-signed)");
  option("--metrics-key-file", arguments.metrics_key_file, "METRICS_KEY_FILE", "Its private key");
  option("--health-address", arguments.health_address, "HEALTH_ADDRESS", "Address of /healthz and /readyz");
  option("--report-address", arguments.report_address, "REPORT_ADDRESS",
         "Address of /report.json; keep it on loopback");
  option("--leader-elect", arguments.leader_elect, "LEADER_ELECT",
         "Only the holder of the lease writes and exports; false: with one replica");
  option("--leader-namespace", arguments.leader_namespace, "LEADER_NAMESPACE", "Namespace of the lease");
  option("--leader-name", arguments.leader_name, "LEADER_NAME", "Name of the lease");
  option("--identity", arguments.identity, "IDENTITY",
         "Name in the lease (default: made from POD_NAME and a random part)");
  option("--check-series", arguments.check_series, "CHECK_SERIES", "Export seaworthy_check_failing");
  option("--write-reports", arguments.write_reports, "WRITE_REPORTS",
         "Write WorkloadAudit, NamespaceAudit and ClusterAudit objects");
  option("--cache-audit-minutes", arguments.cache_audit_minutes, "CACHE_AUDIT_MINUTES",
         "Compare each kind of the cache with the API server so often (seaworthy_cache_divergence_total); 0: never");
  option(
      "--open-reports", arguments.open_reports, "OPEN_REPORTS",
      "Write what workloads' audits say as Reports of openreports.io/v1alpha1 too, for policy-reporter and the like");
  SourceOptions& sources = arguments.sources;
  option("--prometheus-url", sources.prometheus_url, "PROMETHEUS_URL",
         "Prometheus (or what speaks its API) to be asked for volumes, throttling, targets and delivered alerts; "
         "empty: none is");
  option("--prometheus-ca-file", sources.prometheus_ca_file, "PROMETHEUS_CA_FILE",
         "Whose certificates Prometheus may have (default: the system's authorities)");
  option("--prometheus-token-file", sources.prometheus_token_file, "PROMETHEUS_TOKEN_FILE",
         "Bearer token for it, https only");
  option("--prometheus-matchers", sources.prometheus_matchers, "PROMETHEUS_MATCHERS",
         "Label matchers that pick this cluster's series, as cluster=\"prod-1\"; where one Prometheus has several "
         "clusters");
  option("--registry-lookups", sources.registry_lookups, "REGISTRY_LOOKUPS",
         "Ask container registries when the images that run were built, and how");
  app.add_option("--registry-hosts", sources.registry_hosts,
                 "Only these registries, as docker.io,ghcr.io (default: all)")
      ->envname("SEAWORTHY_REGISTRY_HOSTS")
      ->delimiter(',');
  option("--registry-config", sources.registry_config, "REGISTRY_CONFIG",
         "Credentials for registries: a docker config.json with auths");
  option("--registry-ca-file", sources.registry_ca_file, "REGISTRY_CA_FILE",
         "Whose certificates registries may have, beside the system's authorities");
  option("--log-sampling", sources.log_sampling, "LOG_SAMPLING",
         "Look at 50 lines of each container's log once a rollout; needs get on pods/log");
  app.add_option("--log-format", arguments.log_format, "json or text")
      ->envname("SEAWORTHY_LOG_FORMAT")
      ->check(CLI::IsMember({"json", "text"}))
      ->capture_default_str();
  app.add_option("--log-level", arguments.log_level, "debug, info, warning or error")
      ->envname("SEAWORTHY_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
}

int RunCommand(const RunArguments& arguments) { return RunOperator(arguments); }

}  // namespace seaworthy::wiring
