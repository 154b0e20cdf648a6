#include "seaworthy/rolling_update.h"

#include <algorithm>

namespace seaworthy {
namespace {

constexpr IntOrPercent kQuarter{IntOrPercent::Form::kPercent, 25};
constexpr IntOrPercent kOne{IntOrPercent::Form::kNumber, 1};
constexpr IntOrPercent kNone{IntOrPercent::Form::kNumber, 0};

const IntOrPercent& Or(const IntOrPercent& value, const IntOrPercent& other) { return value.set() ? value : other; }

}  // namespace

Fenceposts ResolveFenceposts(const Workload& workload, std::int64_t replicas) {
  Fenceposts posts;
  posts.invalid = workload.max_unavailable.form == IntOrPercent::Form::kInvalid ||
                  workload.max_surge.form == IntOrPercent::Form::kInvalid;
  if (posts.invalid) return posts;
  switch (workload.workload_class) {
    case WorkloadClass::kStatefulSet:
      posts.unavailable =
          std::max<std::int64_t>(Or(workload.max_unavailable, kOne).Of(replicas, /*round_up=*/false), 1);
      break;
    case WorkloadClass::kDaemonSet:
      posts.surge = Or(workload.max_surge, kNone).Of(replicas, /*round_up=*/true);
      posts.unavailable = Or(workload.max_unavailable, kOne).Of(replicas, /*round_up=*/true);
      break;
    default:
      posts.surge = Or(workload.max_surge, kQuarter).Of(replicas, /*round_up=*/true);
      posts.unavailable = Or(workload.max_unavailable, kQuarter).Of(replicas, /*round_up=*/false);
      break;
  }
  if (posts.surge <= 0 && posts.unavailable <= 0) posts.unavailable = 1;
  posts.surge = std::max<std::int64_t>(posts.surge, 0);
  posts.unavailable = std::clamp<std::int64_t>(posts.unavailable, 0, std::max<std::int64_t>(replicas, 0));
  return posts;
}

}  // namespace seaworthy
