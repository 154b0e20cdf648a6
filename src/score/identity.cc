#include "score/identity.h"

#include "support/hash.h"

namespace seaworthy::score {

std::string_view OwnerOf(const Workload& workload) {
  for (const std::string_view key : {"seaworthy.dev/owner", "app.kubernetes.io/owner", "owner", "team"}) {
    if (const std::string_view owner = workload.meta.labels.Get(key); !owner.empty()) return owner;
    if (const std::string_view owner = workload.meta.annotations.Get(key); !owner.empty()) return owner;
  }
  return {};
}

std::string_view PartOf(const Workload& workload) { return workload.meta.labels.Get("app.kubernetes.io/part-of"); }

std::uint64_t IdentityOf(const Workload& workload) {
  std::uint64_t hash = support::Hash64(OwnerOf(workload));
  for (const std::uint64_t next :
       {support::Hash64(PartOf(workload)), static_cast<std::uint64_t>(workload.meta.generation), workload.meta.uid.high,
        workload.meta.uid.low, support::Hash64(workload.api_version)}) {
    hash = support::CombineHash(hash, next);
  }
  return hash;
}

}  // namespace seaworthy::score
