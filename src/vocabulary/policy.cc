#include "seaworthy/policy.h"

#include "vocabulary/resident.h"

namespace seaworthy {
namespace {

std::size_t HeapOfScope(const SubjectScope& scope) {
  return scope.workloads.capacity() * sizeof(WorkloadRef) + HeapOf(scope.selector) +
         (scope.namespaces.capacity() + scope.nodes.capacity()) * sizeof(Text);
}

}  // namespace

std::size_t Attestation::resident_bytes() const {
  return sizeof(Attestation) + HeapOf(meta) + checks.capacity() * sizeof(Text) + HeapOfScope(scope);
}

std::size_t Waiver::resident_bytes() const {
  return sizeof(Waiver) + HeapOf(meta) +
         (checks.capacity() + sections.capacity() + containers.capacity()) * sizeof(Text) + HeapOfScope(scope);
}

std::size_t AuditPolicy::resident_bytes() const {
  return sizeof(AuditPolicy) + HeapOf(meta) + params.capacity() * sizeof(ParamValue) +
         tiers.capacity() * sizeof(TierRule) + custom_checks.capacity() * sizeof(CustomCheckSpec);
}

}  // namespace seaworthy
