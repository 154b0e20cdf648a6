// `seaworthy run`: the operator's flags, each of which is also a key of the configuration file and a SEAWORTHY_*
// variable.
#pragma once

#include <cstdint>
#include <string>

#include "wiring/sources/sources.h"

namespace CLI {
class App;
}

namespace seaworthy::wiring {

struct RunArguments {
  std::string kubeconfig, context;  // empty: in-cluster, else KUBECONFIG or ~/.kube/config
  std::string metrics_address = ":8080";
  std::string health_address = ":8081";
  std::string report_address = "127.0.0.1:8082";
  bool metrics_secure = false;                      // TLS, and a bearer token that the API server lets read /metrics
  std::string metrics_cert_file, metrics_key_file;  // PEM; empty: a certificate of our own making
  bool leader_elect = true;
  std::string leader_namespace = "seaworthy";
  std::string leader_name = "seaworthy";
  std::string identity;  // empty: made from the pod's name and a random part
  std::string log_format = "json";
  std::string log_level = "info";
  std::string cluster_name;
  bool check_series = true;  // seaworthy_check_failing
  bool write_reports = true;
  double cache_audit_minutes = 60;  // each kind of the cache is compared with the server so often; 0: never
  bool open_reports = false;
  SourceOptions sources;
};

void AddRunOptions(CLI::App& app, RunArguments& arguments);
int RunCommand(const RunArguments& arguments);

}  // namespace seaworthy::wiring
