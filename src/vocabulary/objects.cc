#include "seaworthy/objects.h"

#include <algorithm>

#include "vocabulary/resident.h"

namespace seaworthy {

// Without the spec, which the pods of a template share: the sum over all pods has to stay right while they come and go.
Timestamp Pod::EndedAt() const {
  Timestamp ended;
  for (const ContainerStatus& status : containers) ended = std::max(ended, status.terminated->finished);
  if (const Condition* disrupted = FindCondition(conditions, "DisruptionTarget"))
    ended = std::max(ended, disrupted->since);
  return ended.set() ? ended : started;
}

std::size_t Pod::resident_bytes() const { return sizeof(Pod) + HeapOf(meta) + HeapOf(conditions) + HeapOf(containers); }

std::size_t Node::resident_bytes() const {
  std::size_t bytes = sizeof(Node) + HeapOf(meta) + HeapOf(taints) + HeapOf(conditions) + HeapOf(allocatable.extended) +
                      HeapOf(images) + HeapOf(custom);
  for (const NodeImage& image : images) bytes += HeapOf(image.names);
  return bytes;
}

std::size_t Namespace::resident_bytes() const { return sizeof(Namespace) + HeapOf(meta) + HeapOf(custom); }

std::size_t Service::resident_bytes() const {
  return sizeof(Service) + HeapOf(meta) + HeapOf(selector) + HeapOf(ports);
}

std::size_t EndpointSlice::resident_bytes() const { return sizeof(EndpointSlice) + HeapOf(meta) + HeapOf(endpoints); }

std::size_t Ingress::resident_bytes() const {
  std::size_t bytes = sizeof(Ingress) + HeapOf(meta) + HeapOf(backends) + HeapOf(tls);
  for (const Tls& entry : tls) bytes += HeapOf(entry.hosts);
  return bytes;
}

std::size_t NetworkPolicy::resident_bytes() const {
  return sizeof(NetworkPolicy) + HeapOf(meta) + HeapOf(pod_selector);
}

std::size_t PodDisruptionBudget::resident_bytes() const {
  return sizeof(PodDisruptionBudget) + HeapOf(meta) + HeapOf(selector) + HeapOf(conditions) + HeapOf(custom);
}

std::size_t HorizontalPodAutoscaler::resident_bytes() const {
  return sizeof(HorizontalPodAutoscaler) + HeapOf(meta) + HeapOf(metrics) + HeapOf(conditions);
}

std::size_t PersistentVolumeClaim::resident_bytes() const {
  return sizeof(PersistentVolumeClaim) + HeapOf(meta) + HeapOf(access_modes) + HeapOf(conditions);
}

std::size_t PersistentVolume::resident_bytes() const { return sizeof(PersistentVolume) + HeapOf(meta); }

std::size_t StorageClass::resident_bytes() const { return sizeof(StorageClass) + HeapOf(meta); }

std::size_t ServiceAccount::resident_bytes() const { return sizeof(ServiceAccount) + HeapOf(meta); }

std::size_t RoleBinding::resident_bytes() const { return sizeof(RoleBinding) + HeapOf(meta) + HeapOf(subjects); }

std::size_t LimitRange::resident_bytes() const {
  std::size_t bytes = sizeof(LimitRange) + HeapOf(meta) + HeapOf(items);
  for (const LimitRangeItem& item : items)
    bytes += HeapOf(item.default_request.extended) + HeapOf(item.default_limit.extended);
  return bytes;
}

std::size_t ResourceQuota::resident_bytes() const { return sizeof(ResourceQuota) + HeapOf(meta) + HeapOf(amounts); }

std::size_t PriorityClass::resident_bytes() const { return sizeof(PriorityClass) + HeapOf(meta); }

std::size_t AuditObject::resident_bytes() const {
  return sizeof(AuditObject) + HeapOf(meta) + resource_version.capacity() + HeapOf(conditions) +
         findings.capacity() * sizeof(AuditedFinding) + transitions.capacity() * sizeof(AuditedTransition) +
         evidence.capacity();
}

}  // namespace seaworthy
