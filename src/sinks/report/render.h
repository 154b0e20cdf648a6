// Reports as the .status of WorkloadAudit, NamespaceAudit and ClusterAudit, or as what a Report of openreports.io says
// (render_open_report.cc), and the object around it as a server-side apply sends it.
//
// The text is canonical JSON (support/canonical_json.h): the hash of what we would write can be compared with the hash
// of what the server holds without parsing ours, and one state of the cluster has one text. Times appear only where
// they mark a transition. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/report.h"
#include "support/sip_hash.h"

namespace seaworthy::sinks::report {

// etcd and every watcher carry what we write, and trivy's and kyverno's reports have brought clusters down
// (RELIABILITY.md 2.2).
inline constexpr std::size_t kMaxObjectBytes = 32 * 1024;
inline constexpr std::size_t kMaxMessageBytes = 1024;
inline constexpr std::size_t kMaxTransitions = 10;
inline constexpr std::size_t kMaxWorst = 50;  // namespaces and nodes in the ClusterAudit

// A condition as it stands: its lastTransitionTime moves only when `status` does.
struct ConditionState {
  std::string_view status;  // "True", "False", "Unknown", of static storage; empty: there is none yet
  Timestamp since;
  bool operator==(const ConditionState&) const = default;
};
struct Conditions {
  ConditionState evaluated, ready;
  bool operator==(const Conditions&) const = default;
};

struct RenderInput {
  std::string evidence;  // a JSON object, kept as it is; empty: none
  Conditions before;     // what the object says now
  Conditions pending;    // what was going to be written and is not there yet
  Timestamp now;
  bool reduced = false;  // the server found the object too large
};

struct Rendered {
  std::string status;     // of a Report: an object of its kOpenReportMembers
  support::Hash128 hash;  // of `status`: equals AuditObject's for the same content
  Conditions conditions;
};

// What the ClusterAudit tells beyond the ClusterReport; in any order.
struct NamespaceLine {
  std::string name;
  int score = 0;
  char grade = 0;
  std::uint32_t workloads = 0, ready = 0;
};
struct NodeLine {
  std::string name;
  int weight = 0;                    // of its failing checks: the heaviest are shown
  std::vector<std::string> failing;  // check ids
};
struct DegradedSource {
  std::string resource;  // "poddisruptionbudgets"
  std::string reason;    // "denied", "stale", "unreadable"
};
struct ClusterParts {
  std::vector<NamespaceLine> namespaces;  // those with a score
  std::vector<NodeLine> nodes;            // those with a failing check
  std::vector<DegradedSource> degraded;
};

Rendered Render(const WorkloadReport& report, const RenderInput& input);
Rendered Render(const NamespaceReport& report, const RenderInput& input);
// For tools that read Reports, as policy-reporter does: kOpenReportMembers.
Rendered RenderOpenReport(const WorkloadReport& report, const RenderInput& input);
Rendered Render(const ClusterReport& report, ClusterParts parts, const RenderInput& input);

// The metadata of an audit object as it is sent.
struct ObjectHead {
  Kind kind = Kind::kWorkloadAudit;
  std::string namespace_, name;
  // Both set on updates: then the server refuses the write if the object is not the one that was seen
  // (RELIABILITY.md 2.2).
  std::string uid, resource_version;
  // Whom it goes with; empty uid: nobody.
  std::string owner_api_version, owner_kind, owner_name, owner_uid;
};
std::string RenderObject(const ObjectHead& head, std::string_view status);

}  // namespace seaworthy::sinks::report
