#include "checks/common/local_storage.h"

#include <algorithm>
#include <iterator>

namespace seaworthy::checks {
namespace {

// Source: the drivers' own documentation, looked through on 2026-11-27.
struct Provisioner {
  std::string_view name;
  bool folders;  // of a larger file system
};
constexpr Provisioner kLocal[] = {
    {"rancher.io/local-path", true},
    {"k8s.io/minikube-hostpath", true},
    {"docker.io/hostpath", true},
    {"microk8s.io/hostpath", true},
    {"kubevirt.io/hostpath-provisioner", true},
    {"kubevirt.io.hostpath-provisioner", true},
    {"hostpath.csi.k8s.io", true},
    {"openebs.io/local", true},
    {"local.csi.openebs.io", false},
    {"zfs.csi.openebs.io", false},
    {"topolvm.io", false},
    {"topolvm.cybozu.com", false},
    {"lvms.topolvm.io", false},
    {"local.csi.azure.com", false},
    {"localdisk.csi.acstor.io", false},
    {"lvm.csi.metal-stack.io", false},
    {"carina.storage.io", false},
    {"directpv-min-io", false},
};
// Shared file systems that hand out folders.
constexpr std::string_view kFolders[] = {
    "nfs.csi.k8s.io",
    "cluster.local/nfs-subdir-external-provisioner",
    "k8s-sigs.io/nfs-subdir-external-provisioner",
    "efs.csi.aws.com",
};

// What pods mount from the node without keeping data there.
constexpr std::string_view kNoData[] = {"/dev",
                                        "/proc",
                                        "/sys",
                                        "/run",
                                        "/var/run",
                                        "/etc",
                                        "/lib",
                                        "/usr",
                                        "/boot",
                                        "/var/log",
                                        "/bin",
                                        "/opt/cni",
                                        "/sbin",
                                        "/lib64",
                                        "/var/tmp",
                                        "/tmp/.X11-unix",
                                        "/var/lib/kubelet"};

}  // namespace

bool IsLocalProvisioner(std::string_view provisioner) {
  return std::any_of(std::begin(kLocal), std::end(kLocal),
                     [&](const Provisioner& known) { return known.name == provisioner; });
}

bool HasNoSizeOfItsOwn(std::string_view provisioner) {
  return std::any_of(std::begin(kLocal), std::end(kLocal),
                     [&](const Provisioner& known) { return known.folders && known.name == provisioner; }) ||
         std::find(std::begin(kFolders), std::end(kFolders), provisioner) != std::end(kFolders);
}

bool IsLocal(const PersistentVolume& volume) {
  return volume.source == "local" || volume.source == "hostPath" || volume.one_node;
}

bool MayKeepData(std::string_view path) {
  if (path == "/" || path.ends_with(".sock")) return false;
  return std::none_of(std::begin(kNoData), std::end(kNoData), [&](std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
  });
}

bool IsMountedWritable(const PodSpec& spec, const Volume& volume) {
  if (volume.read_only) return false;
  return std::any_of(spec.containers.begin(), spec.containers.end(), [&](const Container& container) {
    if (!container.is_running_long()) return false;
    return std::any_of(container.mounts.begin(), container.mounts.end(),
                       [&](const VolumeMount& mount) { return mount.name == volume.name && !mount.read_only; });
  });
}

}  // namespace seaworthy::checks
