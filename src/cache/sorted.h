// Sorted vectors of pointers: how the indexes keep their lists in the same order whatever order objects arrive in.
#pragma once

#include <algorithm>

#include "seaworthy/object.h"

namespace seaworthy::cache {

struct ByKey {
  template <typename T>
  bool operator()(const T* a, const T* b) const {
    return a->meta.namespace_ == b->meta.namespace_ ? a->meta.name < b->meta.name
                                                    : a->meta.namespace_ < b->meta.namespace_;
  }
};

// `Items`: a std::vector or a List of pointers.
template <typename Items, typename U, typename Less>
void InsertSorted(Items& list, U* item, Less less) {
  const auto at = std::lower_bound(list.begin(), list.end(), item, less);
  if (at == list.end() || *at != item) list.insert(at, item);
}

template <typename Items, typename U, typename Less>
bool EraseSorted(Items& list, U* item, Less less) {
  auto at = std::lower_bound(list.begin(), list.end(), item, less);
  while (at != list.end() && *at != item && !less(item, *at)) ++at;
  if (at == list.end() || *at != item) return false;
  list.erase(at);
  return true;
}

template <typename T, typename Items>
void Insert(Items& list, T* item) {
  InsertSorted(list, item, ByKey());
}
template <typename T, typename Items>
void Erase(Items& list, T* item) {
  EraseSorted(list, item, ByKey());
}

}  // namespace seaworthy::cache
