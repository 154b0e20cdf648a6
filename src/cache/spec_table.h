// Pods of one template carry the same spec; a table of weak references lets them share one projection, and spares
// decoding it again. A template and its pods differ in what the API server adds to a pod, but their containers are the
// same: these are shared by themselves, and so are the parts of containers that many templates have alike.
//
// The key is a SipHash of the source under a random key: a tenant cannot make a spec that passes for another's. What
// differs between pods of one template is left out of the hash, and must be left out of the projection (see SpecKey).
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "cache/shared_table.h"
#include "seaworthy/pod_spec.h"
#include "support/json.h"
#include "support/sip_hash.h"

namespace seaworthy::cache {

class SpecTable {
 public:
  SpecTable();

  // The live spec of this key; null when there is none.
  PodSpecPtr Find(const support::Hash128& key) const;
  // The one that is kept: `spec`, or an equal one that another thread brought first.
  PodSpecPtr Insert(const support::Hash128& key, PodSpecPtr spec);

  support::Hash128 secret() const { return secret_; }
  std::size_t size() const;  // entries, dead ones included until the next sweep

  SharedTable<Container> containers;
  SharedTable<Resources> resources;
  SharedTable<Probe> probes;
  SharedTable<SecurityContext> security_contexts;

 private:
  const support::Hash128 secret_;
  mutable std::mutex mutex_;
  std::unordered_map<support::Hash128, std::weak_ptr<const PodSpec>> specs_;
  std::size_t sweep_at_ = kFirstSweep;

  static constexpr std::size_t kFirstSweep = 256;
};

// Names of the volume that the API server adds to a pod with its token are random: "kube-api-access-x7k2p". Returns
// what all of them become. (kubernetes plugin/pkg/admission/serviceaccount)
inline constexpr std::string_view kTokenVolumePrefix = "kube-api-access-";
inline constexpr std::string_view kTokenVolume = "kube-api-access";
std::string_view StableVolumeName(std::string_view name);

// Hashes of a pod spec as read, without what differs between pods of one template: nodeName, hostname, subdomain, the
// suffix of the token volume's name, and for a DaemonSet's pod the node in its affinity. Claims of a StatefulSet's pods
// differ and stay.
support::Hash128 SpecKey(const support::Node& spec, const support::Hash128& secret, bool daemon_pod);

// The volume with the pod's token that the API server adds to a pod; empty: there is none. It, and the mounts of it,
// are no part of what a template says, and left out of the projection.
std::string_view TokenVolumeName(const support::Node& spec);
// Hashes a container as read, without mounts of that volume.
support::Hash128 ContainerKey(const support::Node& container, std::string_view token_volume,
                              const support::Hash128& secret);
// Of what is read from these two alone.
support::Hash128 PartKey(const support::Node& part, const support::Node& beside, const support::Hash128& secret);

// The node that the DaemonSet controller pins a pod to: the requirement {key: metadata.name, operator: In, values:
// [NODE]} of matchFields (pkg/controller/daemon/util ReplaceDaemonSetPodNodeNameNodeAffinity).
bool IsNodePin(const support::Node& requirement);

}  // namespace seaworthy::cache
