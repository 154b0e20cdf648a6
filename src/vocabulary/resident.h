// Heap bytes behind the parts of a projection: what resident_bytes() sums up. Texts are counted by their pool, and what
// many share (Shared) by nobody: it is little.
#pragma once

#include <cstddef>

#include "seaworthy/custom_facts.h"
#include "seaworthy/object.h"
#include "seaworthy/workload.h"

namespace seaworthy {

template <typename T>
std::size_t HeapOf(const List<T>& items) {
  return items.capacity() * sizeof(T);
}

inline std::size_t HeapOf(const CustomFactsPtr& facts) { return facts == nullptr ? 0 : facts->resident_bytes(); }

inline std::size_t HeapOf(const Labels& labels) { return labels.size() * sizeof(KeyValue); }

inline std::size_t HeapOf(const LabelSelector& selector) {
  std::size_t bytes = HeapOf(selector.terms);
  for (const LabelSelector::Term& term : selector.terms) bytes += HeapOf(term.values);
  return bytes;
}

inline std::size_t HeapOf(const ObjectMeta& meta) {
  return HeapOf(meta.labels) + HeapOf(meta.annotations) + HeapOf(meta.owners) + HeapOf(meta.finalizers) +
         HeapOf(meta.managers);
}

}  // namespace seaworthy
