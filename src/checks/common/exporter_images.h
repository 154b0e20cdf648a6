// Images of Prometheus exporters: what connects to them is a scrape. Data for serving.h.
//
// Source: prometheus.io's list of exporters and the charts of prometheus-community and Bitnami, as of 2026. Not every
// name that ends in "exporter" is one (invoice-exporter), and statsd's, graphite's, collectd's and influxdb's take in
// what applications push, so they are left out.
#pragma once

#include <string_view>

namespace seaworthy::checks {

// What they are called after: "redis" stands for redis-exporter and redis_exporter.
inline constexpr std::string_view kExporterSubjects[] = {
    // clang-format off
    "apache", "aws-cloudwatch", "bind", "blackbox", "cassandra", "celery", "cloudflare", "cloudwatch",
    "consul", "dcgm", "domain", "elasticsearch", "etcd", "haproxy", "ipmi", "jmx",
    "json", "kafka", "memcached", "mongodb", "mysql", "mysqld", "nginx", "nginx-prometheus",
    "node", "oracledb", "pgbouncer", "php-fpm", "postgres", "postgresql", "process", "prometheus-to-sd",
    "proxysql", "rabbitmq", "redis", "smartctl", "snmp", "sql", "ssl", "stackdriver",
    "vault", "windows", "x509-certificate", "zookeeper",
    // clang-format on
};

// Those of another name, and the proxy that guards a metrics port.
inline constexpr std::string_view kMetricsOnlyImages[] = {"kube-state-metrics", "kube-rbac-proxy"};

}  // namespace seaworthy::checks
