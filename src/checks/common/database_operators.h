// API groups of database operators that can back up what they run, in objects that are not read here. Data for
// backups.h.
//
// Source: the operators' own documentation, looked through on 2026-11-27. CloudNativePG's schedules are read and are
// not on the list.
#pragma once

#include <string_view>

namespace seaworthy::checks {

inline constexpr std::string_view kDatabaseOperatorGroups[] = {
    "pxc.percona.com",
    "psmdb.percona.com",
    "pgv2.percona.com",
    "ps.percona.com",
    "postgres-operator.crunchydata.com",
    "k8s.mariadb.com",
    "mysql.oracle.com",
    "acid.zalan.do",
    "stackgres.io",
    "mongodb.com",
    "mongodbcommunity.mongodb.com",
    "k8ssandra.io",
    "cassandra.datastax.com",
    "scylla.scylladb.com",
    "couchbase.com",
    "crdb.cockroachlabs.com",
    "pingcap.com",
    "apps.kubeblocks.io",
    "neo4j.com",
};

}  // namespace seaworthy::checks
