#include <algorithm>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/datastores.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {
namespace {

bool IsLogWord(std::string_view part) { return part == "log" || part == "logs" || part == "Log" || part == "Logs"; }

// "/var/log", "/var/log/nginx", "/app/logs": a part of the path is called so.
bool IsLogFolder(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.find_first_of("/\\");
    if (IsLogWord(path.substr(0, slash))) return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

// "/" and "/var" hold it.
bool IsNodesLogFolder(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path == "/" || path == "/var" || path == "/var/log" || path.starts_with("/var/log/");
}

bool HoldsFiles(VolumeSource source) {
  return source == VolumeSource::kEmptyDir || source == VolumeSource::kHostPath || source == VolumeSource::kClaim ||
         source == VolumeSource::kEphemeral || source == VolumeSource::kCsi || source == VolumeSource::kRestricted;
}

const Volume* FindVolume(const PodSpec& spec, const Text& name) {
  for (const Volume& volume : spec.volumes) {
    if (volume.name == name) return &volume;
  }
  return nullptr;
}

// Bitnami's charts mount a folder over the image's logs to make the root file system read-only, and put the links to
// stdout back into it first: by themselves, or with the rest of the application (WordPress and its likes).
bool KeepsLinksToStdout(const PodSpec& spec) {
  return std::any_of(spec.containers.begin(), spec.containers.end(), [](const Container& container) {
    return container.role == ContainerRole::kInit &&
           (container.name == "preserve-logs-symlinks" || container.name == "prepare-base-dir");
  });
}

Outcome Run(const Context& context) {
  const PodSpec& spec = context.spec();
  const Workload& workload = context.workload();
  const bool agent = AsNodeAgent(context).has_value();
  const bool daemon_set = workload.workload_class == WorkloadClass::kDaemonSet;
  // Their log is their data.
  const bool datastore = FindDatastore(context).datastore != nullptr;
  const bool links = KeepsLinksToStdout(spec);
  Findings findings(context);
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    if (container.tails_file) {
      findings.Add(Verdict::kWarn, workload, container, "command",
                   "follows a log file: the application writes to it instead of stdout");
    }
    for (const VolumeMount& mount : container.mounts) {
      const Volume* volume = FindVolume(spec, mount.name);
      if (volume == nullptr || !HoldsFiles(volume->source)) continue;
      const bool read_only = mount.read_only || volume->read_only;
      const std::string field = "volumeMounts[name=" + mount.name.str() + "]";
      if (volume->source == VolumeSource::kHostPath && IsNodesLogFolder(volume->reference)) {
        // On every node and only reading: a collector, known or not.
        if (agent || (daemon_set && read_only)) continue;
        findings.Add(Verdict::kFail, workload, container, field,
                     "mounts " + volume->reference.str() + " of the node" +
                         (volume->reference.view().starts_with("/var/log") ? "" : ", which holds /var/log") +
                         ", and is no known collector of logs");
        continue;
      }
      if (container.role != ContainerRole::kMain || read_only || agent || datastore || links ||
          !IsLogFolder(mount.path))
        continue;
      findings.Add(Verdict::kWarn, workload, container, field,
                   "a volume is mounted on the log folder " + mount.path.str() + ": its log goes to files");
    }
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kLogsToStdout = {
    .id = "logs-to-stdout",
    .title = "Logs go to stdout, not to files",
    .section = Section::kLogging,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Warns when a main container has a writable volume mounted on a folder called log or logs, or a container's "
        "command follows a file (tail -f): the application writes files. Fails when a container mounts /var/log of the "
        "node, or a folder that holds it (/, /var), and is no known collector.",
    .why =
        "Files inside a pod vanish with it, are collected by nobody and fill the disk of the node; kubectl logs shows "
        "nothing. Files on the node stay behind for good.",
    .fix =
        "Let the application log to stdout and stderr (or link its files there, as the images of nginx and httpd do) "
        "and remove the volume and the sidecar.",
    .source = "S. Logging: logs to stdout, machine-parsable, not to files",
    .traps =
        "A recognised agent of the node may mount what it likes, and a DaemonSet that mounts the node's logs read-only "
        "is taken for a collector. A datastore's log may be its data. Bitnami's charts that put links to stdout into "
        "such a folder are not held to it. An image that writes to a folder that is not mounted is not seen.",
    .run = Run,
};

}  // namespace seaworthy::checks
