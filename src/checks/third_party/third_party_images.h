// Images of third-party components that come with a Helm chart or an operator. Data for third-party-chart.
//
// Source: written down from the projects' own documentation of how they are installed, and Artifact Hub, as of 2026.
// Compared with the end of the image's repository, at a "/". What people build their own images on or run as a part of
// their own application (nginx, httpd, haproxy, node, php, busybox) is left out, and so is what a cluster brings with
// it (coredns, kube-proxy, CNI and CSI drivers).
#pragma once

#include <string_view>

namespace seaworthy::checks {

inline constexpr std::string_view kThirdPartyImages[] = {
    // clang-format off
    // Databases and queues.
    "postgres", "postgresql", "postgresql-repmgr", "postgis/postgis", "timescaledb", "timescaledb-ha", "pgbouncer", "pgpool",
    "mysql", "mysql-server", "mariadb", "mariadb-galera", "percona-server", "percona-xtradb-cluster",
    "mongo", "mongodb", "mongodb-community-server", "redis", "redis-cluster", "redis-sentinel", "redis-stack-server", "valkey", "keydb",
    "memcached", "rabbitmq", "kafka", "cp-kafka", "zookeeper", "cp-zookeeper", "cp-schema-registry", "nats", "redpanda",
    "apachepulsar/pulsar", "activemq-classic", "activemq-artemis",
    "elasticsearch", "opensearch", "solr", "meilisearch", "typesense", "cassandra", "scylladb/scylla", "clickhouse-server", "clickhouse",
    "cockroachdb/cockroach", "couchdb", "neo4j", "influxdb", "etcd", "minio/minio", "qdrant/qdrant", "semitechnologies/weaviate", "milvusdb/milvus",
    "arangodb", "yugabytedb/yugabyte", "pingcap/tidb", "pingcap/tikv", "pingcap/pd", "dgraph/dgraph",
    // Monitoring, logs and traces.
    "prometheus", "alertmanager", "pushgateway", "blackbox-exporter", "kube-state-metrics", "prometheus-operator", "grafana", "grafana-oss",
    "grafana-enterprise", "loki", "tempo", "mimir", "thanos", "cortex", "victoria-metrics", "vmagent", "vmalert", "jaeger-collector", "jaeger-query",
    "jaegertracing/all-in-one", "kibana", "opensearch-dashboards", "logstash", "graylog", "sentry", "otel/opentelemetry-collector", "kiali",
    // Ingress, certificates, DNS, policies, secrets.
    "ingress-nginx/controller", "nginx-ingress", "traefik", "kong", "kong-gateway", "contour", "envoy-gateway", "haproxytech/kubernetes-ingress",
    "cert-manager-controller", "cert-manager-webhook", "cert-manager-cainjector", "external-dns", "external-secrets", "sealed-secrets-controller",
    "bitnami-labs/sealed-secrets", "vault", "openbao", "vault-k8s", "consul", "kyverno", "gatekeeper", "trivy-operator", "falcosidekick",
    "istio/pilot", "linkerd/controller", "oauth2-proxy", "dexidp/dex", "keycloak", "keycloak-x", "authentik", "authelia",
    // Delivery and platform.
    "argocd", "argo-cd", "argocli", "workflow-controller", "argo-rollouts", "jenkins", "gitlab-runner", "gitlab-webservice-ee", "gitea", "forgejo",
    "harbor-core", "harbor-registry", "nexus3", "artifactory-pro", "sonarqube", "airflow", "superset", "metabase", "n8n", "nextcloud",
    "mattermost-team-edition", "keda", "velero", "cluster-autoscaler", "karpenter/controller", "metrics-server",
    "strimzi/operator", "spark-operator", "jupyterhub/k8s-hub", "mlflow", "temporalio/server", "reloader", "descheduler",
    // clang-format on
};

}  // namespace seaworthy::checks
