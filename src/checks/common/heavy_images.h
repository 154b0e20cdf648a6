// What a workload does to its neighbours on a node, by its image or its label app.kubernetes.io/name. Data for
// neighbours.h.
//
// Source: the images of the projects' own charts and of Bitnami's, as of 2026, written down from knowledge of them and
// not generated. Compared with the last part of an image's repository ("bitnami/postgresql" is "postgresql").
#pragma once

#include <string_view>

namespace seaworthy::checks {

// Monitoring and logging: they grow with what the others do.
inline constexpr std::string_view kMonitoringNames[] = {
    // clang-format off
    "prometheus", "alertmanager", "thanos", "cortex", "mimir", "victoria-metrics", "vmsingle", "vmstorage", "vmselect", "vminsert", "vmagent",
    "victoria-logs", "grafana", "loki", "tempo", "pyroscope", "kube-state-metrics", "influxdb", "graphite", "carbon", "kibana", "logstash",
    "fluentd", "graylog", "opensearch-dashboards", "jaeger", "jaeger-collector", "jaeger-query", "zipkin", "opentelemetry-collector",
    "opentelemetry-collector-contrib", "sentry", "zabbix-server", "netdata", "signoz",
    // clang-format on
};

// Heavy on disks and network: databases, search, queues, stores, builds, backups.
inline constexpr std::string_view kHeavyNames[] = {
    // clang-format off
    "postgres", "postgresql", "spilo", "timescaledb", "timescaledb-ha", "mysql", "mariadb", "mariadb-galera", "percona-server", "percona-xtradb-cluster", "mongo", "mongodb",
    "percona-server-mongodb", "cassandra", "scylla", "cockroach", "cockroachdb", "clickhouse", "clickhouse-server", "elasticsearch", "opensearch", "solr",
    "kafka", "cp-kafka", "redpanda", "pulsar", "rabbitmq", "minio", "ceph", "hadoop", "hdfs", "spark", "flink", "druid", "trino", "presto",
    "couchdb", "couchbase", "neo4j", "etcd", "nexus3", "artifactory-pro", "harbor-registryctl", "registry", "gitea", "gitlab-runner", "gitlab-runner-helper",
    "jenkins", "inbound-agent", "buildkit", "kaniko", "executor", "velero", "restic", "k8up", "backrest", "pgbackrest",
    // clang-format on
};

inline constexpr std::string_view kHeavyLabel = "seaworthy.dev/io-heavy";  // "true": people say so

}  // namespace seaworthy::checks
