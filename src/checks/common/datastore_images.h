// Images of datastores and queues, and how their metrics are had. Data for exporter and logs-to-stdout.
//
// Source: the official and the usual charts' images (Bitnami, operators) and the list of exporters on prometheus.io, as
// of 2026; written down, not generated. Compared with the end of the repository at a `/` (roles.h, RepositoryEndsIn);
// one that ends in "*" with the beginning of its last part ("spilo-*").
#pragma once

#include <string_view>

namespace seaworthy::checks {

struct Datastore {
  std::string_view name;          // "PostgreSQL"
  std::string_view images[12];    // the empty ones fill up
  std::string_view exporters[8];  // what the last part of an exporter's repository contains, with "_" read as "-"
  bool native = false;            // serves Prometheus' format by itself
};

inline constexpr Datastore kDatastores[] = {
    // clang-format off
    {"PostgreSQL", {"postgres", "postgresql", "postgresql-repmgr", "spilo-*", "crunchy-postgres*", "postgis/postgis", "timescaledb", "timescaledb-ha", "pgvector/pgvector", "supabase/postgres", "enterprisedb/postgresql"},
     {"postgres-exporter", "postgresql-exporter", "pg-exporter", "pgmonitor", "pmm-client"}},
    {"MySQL", {"mysql", "mysql-server", "community-server", "mariadb", "mariadb-galera", "percona-server", "percona-xtradb-cluster", "mysql-operator"},
     {"mysqld-exporter", "mysql-exporter", "mariadb-exporter", "pmm-client"}},
    {"Redis", {"redis", "redis-cluster", "redis-stack", "redis-stack-server", "valkey", "valkey-cluster", "keydb", "redis-sentinel"}, {"redis-exporter", "valkey-exporter"}},
    {"Memcached", {"memcached"}, {"memcached-exporter"}},
    {"MongoDB", {"mongo", "mongodb", "mongodb-sharded", "mongodb-community-server", "mongodb-enterprise-server", "percona-server-mongodb"},
     {"mongodb-exporter", "mongo-exporter", "pmm-client"}},
    {"RabbitMQ", {"rabbitmq"}, {"rabbitmq-exporter"}, true},
    {"Kafka", {"kafka", "cp-kafka", "cp-server", "apache/kafka-native"}, {"kafka-exporter", "jmx-exporter", "kminion", "jmx-prometheus"}, true},
    {"Redpanda", {"redpanda"}, {"kminion"}, true},
    {"ZooKeeper", {"zookeeper", "cp-zookeeper"}, {"zookeeper-exporter", "jmx-exporter"}, true},
    {"Elasticsearch", {"elasticsearch"}, {"elasticsearch-exporter", "metricbeat"}},
    {"OpenSearch", {"opensearch"}, {"elasticsearch-exporter", "opensearch-exporter"}, true},
    {"Solr", {"solr"}, {"solr-exporter", "solr"}},
    {"Cassandra", {"cassandra", "cass-management-api", "dse-server"}, {"cassandra-exporter", "jmx-exporter", "mcac"}, true},
    {"ScyllaDB", {"scylladb/scylla"}, {"scylla-exporter"}, true},
    {"ClickHouse", {"clickhouse-server", "bitnami/clickhouse"}, {"clickhouse-exporter"}, true},
    {"etcd", {"coreos/etcd", "bitnami/etcd", "etcd-development/etcd"}, {"etcd-exporter"}, true},
    {"NATS", {"nats", "nats-server"}, {"prometheus-nats-exporter", "nats-exporter"}},
    {"CouchDB", {"couchdb"}, {"couchdb-exporter"}, true},
    {"Couchbase", {"couchbase/server"}, {"couchbase-exporter", "exporter"}, true},
    {"CockroachDB", {"cockroachdb/cockroach"}, {}, true},
    {"TiDB", {"pingcap/tidb", "pingcap/tikv"}, {}, true},
    {"YugabyteDB", {"yugabytedb/yugabyte"}, {}, true},
    {"InfluxDB", {"influxdb"}, {}, true},
    {"Neo4j", {"neo4j"}, {"neo4j-exporter"}, true},
    {"MinIO", {"minio/minio", "bitnami/minio"}, {"minio-exporter"}, true},
    {"Dragonfly", {"dragonflydb/dragonfly"}, {"redis-exporter"}, true},
    {"ActiveMQ", {"activemq-classic", "activemq-artemis", "apache/activemq*"}, {"jmx-exporter", "activemq-exporter"}, true},
    {"Pulsar", {"apachepulsar/pulsar", "apachepulsar/pulsar-all"}, {}, true},
    {"Qdrant", {"qdrant/qdrant"}, {}, true},
    {"Weaviate", {"semitechnologies/weaviate"}, {}, true},
    {"Milvus", {"milvusdb/milvus"}, {}, true},
    // CloudNativePG's images serve PostgreSQL's metrics by the instance manager that the operator puts in.
    {"PostgreSQL (CloudNativePG)", {"cloudnative-pg/postgresql", "cloudnative-pg/postgis"}, {"postgres-exporter"}, true},
    // clang-format on
};

}  // namespace seaworthy::checks
