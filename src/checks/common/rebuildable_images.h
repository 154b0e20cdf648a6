// Images whose data is made anew from elsewhere: caches fill up again, indexes are built again, series age. Data for
// claims.h.
//
// Source: written down from the projects' own images and the names under which Bitnami and the operators ship them, as
// of 2026. Compared with the end of the image's repository, at a "/". Who keeps the only copy of something in one of
// them says so: `seaworthy.dev/data: precious`.
#pragma once

#include <string_view>

namespace seaworthy::checks {

inline constexpr std::string_view kRebuildableImages[] = {
    // Caches.
    "redis",
    "redis-stack-server",
    "redis-cluster",
    "valkey",
    "valkey-cluster",
    "keydb",
    "dragonfly",
    "memcached",
    "varnish",
    "squid",
    // Search indexes.
    "elasticsearch",
    "elasticsearch-oss",
    "opensearch",
    "solr",
    "meilisearch",
    "typesense",
    "zincsearch",
    "quickwit",
    "manticore",
    // Metrics, logs and traces.
    "prometheus",
    "thanos",
    "cortex",
    "mimir",
    "loki",
    "tempo",
    "pyroscope",
    "victoria-metrics",
    "vmstorage",
    "vmselect",
    "victoria-logs",
    "victoria-traces",
    "influxdb",
    "graphite-statsd",
    "jaeger-collector",
};

}  // namespace seaworthy::checks
