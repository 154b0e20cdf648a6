// Storage on a node's own disk: what is on it is gone with the node.
#pragma once

#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// Provisioners that carve volumes out of a node's own disks. In a cluster a volume shows it by itself
// (PersistentVolume::one_node).
bool IsLocalProvisioner(std::string_view provisioner);
// Those whose volumes are folders of a larger file system: the size that is asked for bounds nothing.
bool HasNoSizeOfItsOwn(std::string_view provisioner);

bool IsLocal(const PersistentVolume& volume);

// A hostPath that somebody may keep data on: no socket, no device, none of the node's own folders.
bool MayKeepData(std::string_view host_path);
// Some container that runs along mounts the volume and may write to it.
bool IsMountedWritable(const PodSpec& spec, const Volume& volume);

}  // namespace seaworthy::checks
