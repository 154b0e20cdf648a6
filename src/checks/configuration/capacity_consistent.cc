#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"
#include "seaworthy/rolling_update.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (context.workload().capacity == nullptr)
    return "it declares nothing of its capacity (seaworthy.dev/expected-concurrency and others)";
  return ScaledToZero(context.workload()) ? kScaledToZero : std::string_view();
}

std::string Bytes(std::int64_t bytes) {
  constexpr std::int64_t kMi = std::int64_t{1} << 20, kGi = std::int64_t{1} << 30;
  if (bytes % kGi == 0 && bytes != 0) return std::to_string(bytes / kGi) + " GiB";
  if (bytes >= kMi) return std::to_string((bytes + kMi / 2) / kMi) + " MiB";
  return std::to_string(bytes) + " bytes";
}

std::string Times(std::int64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string Path(std::string_view annotation) {
  return "metadata.annotations[seaworthy.dev/" + std::string(annotation) + "]";
}

// Replicas at least and at most; nullopt where only a cluster tells.
std::optional<ReplicaBounds> BoundsOf(const WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  ReplicaBounds bounds;
  bounds.minimum = 0;
  if (workload.workload_class == WorkloadClass::kCronJob) return bounds;
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    if (!workload.status.replicas.has_value()) return std::nullopt;
    bounds.minimum = bounds.maximum = *workload.status.replicas;
    return bounds;
  }
  if (!ScaledToZero(workload) || !record.scaled_objects.empty()) return EffectiveReplicas(record);
  bounds.maximum = 0;  // an autoscaler is inactive then
  return bounds;
}

class Judge {
 public:
  explicit Judge(const Context& context)
      : context_(context), capacity_(*context.workload().capacity), findings_(context) {}

  Outcome Run() {
    Slots();
    Memory();
    Connections();
    Data();
    Dependencies();
    for (const Text& key : capacity_.unreadable) Open(UnknownCause::kUnreadable, key.str() + " cannot be read");
    std::string open;
    for (const std::string& one : open_) open += (open.empty() ? "" : "; ") + one;
    if (!findings_.empty()) {
      Outcome outcome = std::move(findings_).Finish(Outcome::Pass());
      if (!open.empty()) outcome.message += "; not judged: " + open;
      return outcome;
    }
    if (held_.empty() && open_.empty() && !counted_.empty())
      return Outcome::Na("it declares only connections, which are counted at " + counted_);
    if (held_.empty())
      return Outcome::Unknown(cause_, open.empty() ? "what it declares names no two sides to compare" : open);
    std::string message;
    if (!counted_.empty()) held_.push_back("its connections are counted at " + counted_);
    for (const std::string& one : held_) message += (message.empty() ? "" : "; ") + one;
    if (!open.empty()) message += "; not judged: " + open;
    return Outcome::Pass(std::move(message));
  }

 private:
  void Open(UnknownCause cause, std::string what) {
    if (open_.empty()) cause_ = cause;
    open_.push_back(std::move(what));
  }

  // Expected requests at a time against worker slots: with the fewest replicas, and with those that a rollout leaves.
  void Slots() {
    if (!capacity_.expected_concurrency.has_value()) return;
    if (!capacity_.worker_slots.has_value())
      return Open(UnknownCause::kNotDeclared,
                  "seaworthy.dev/worker-slots is not declared, so nothing says how many requests one replica takes");
    const Workload& workload = context_.workload();
    if (!Usable(context_, Kind::kHorizontalPodAutoscaler))
      return Open(UnknownCause::kDenied, "horizontalpodautoscalers cannot be read");
    static_cast<void>(context_.Autoscalers());
    static_cast<void>(context_.ScaledObjects());
    const auto bounds = BoundsOf(context_.record());
    if (!bounds) return Open(UnknownCause::kOffline, "on how many nodes it runs only a cluster tells");
    const std::int64_t slots = *capacity_.worker_slots, expected = *capacity_.expected_concurrency;
    const auto sum = [&](std::int64_t replicas) {
      return Times(replicas, "replica", "replicas") + " x " + std::to_string(slots) +
             " worker slots = " + std::to_string(replicas * slots);
    };
    const std::string wanted = " requests at a time, expected " + std::to_string(expected);
    std::string at_most;
    if (bounds->maximum > bounds->minimum) at_most = " (at most " + sum(bounds->maximum) + ")";
    if (bounds->minimum * slots < expected)
      return findings_.Add(Verdict::kFail, Path("expected-concurrency"), sum(bounds->minimum) + wanted + at_most);
    const std::int64_t left = bounds->minimum - LostToRollout(workload, bounds->minimum);
    if (left * slots < expected) {
      return findings_.Add(Verdict::kWarn, Path("expected-concurrency"),
                           sum(bounds->minimum) + " carry the expected " + std::to_string(expected) +
                               ", and a rollout may leave " + sum(left) + at_most);
    }
    held_.push_back(sum(bounds->minimum) + wanted + ", during a rollout " + std::to_string(left * slots) + at_most);
  }

  static std::int64_t LostToRollout(const Workload& workload, std::int64_t replicas) {
    switch (workload.workload_class) {
      case WorkloadClass::kDeployment:
      case WorkloadClass::kStatefulSet:
      case WorkloadClass::kDaemonSet: break;
      default: return 0;
    }
    if (workload.strategy == StrategyType::kRecreate) return replicas;
    if (workload.strategy == StrategyType::kOnDelete) return 0;
    const Fenceposts posts = ResolveFenceposts(workload, replicas);
    return posts.invalid ? 0 : posts.unavailable;
  }

  // Memory of all slots of one replica against what its containers may use.
  void Memory() {
    if (!capacity_.memory_per_slot.has_value()) return;
    if (!capacity_.worker_slots.has_value())
      return Open(UnknownCause::kNotDeclared,
                  "seaworthy.dev/worker-slots is not declared, so nothing says how many slots take memory-per-slot");
    const std::int64_t base = capacity_.base_memory.value_or(0), slots = *capacity_.worker_slots,
                       each = *capacity_.memory_per_slot;
    std::string missing;
    const auto limit = MemoryLimit(missing);
    if (!limit) return Open(UnknownCause::kNotDeclared, missing);
    std::int64_t total = 0;
    const bool too_much = __builtin_mul_overflow(slots, each, &total) || __builtin_add_overflow(total, base, &total);
    if (too_much) total = std::numeric_limits<std::int64_t>::max();
    const std::string sum = (base != 0 ? Bytes(base) + " + " : "") + std::to_string(slots) + " worker slots x " +
                            Bytes(each) + " = " + Bytes(total);
    if (total > *limit) {
      findings_.Add(Verdict::kFail, Path("memory-per-slot"),
                    sum + " a replica, and the memory limit is " + Bytes(*limit));
    } else {
      held_.push_back(sum + " of the memory limit of " + Bytes(*limit));
    }
  }

  // Of the main containers together: whoever has the slots is among them.
  std::optional<std::int64_t> MemoryLimit(std::string& missing) const {
    std::int64_t sum = 0;
    std::vector<std::pair<Text, std::int64_t>> smallest;
    for (const MeasuredContainer& measured : MeasuredContainers(context_)) {
      if (measured.container->role != ContainerRole::kMain || measured.injected) continue;
      if (measured.spec->resources->limits.memory_bytes.has_value())
        return *measured.spec->resources->limits.memory_bytes;
      const EffectiveAmount amount = EffectiveAmountOf(context_, measured, ResourceField::kLimitsMemory);
      if (amount.invalid || amount.value.value_or(0) <= 0) {
        missing =
            "container " + measured.container->name.str() + " has no memory limit to hold memory-per-slot against";
        return std::nullopt;
      }
      const auto known = std::find_if(smallest.begin(), smallest.end(),
                                      [&](const auto& one) { return one.first == measured.container->name; });
      if (known == smallest.end()) {
        smallest.emplace_back(measured.container->name, *amount.value);
      } else {
        known->second = std::min(known->second, *amount.value);
      }
    }
    for (const auto& [name, bytes] : smallest) {
      if (__builtin_add_overflow(sum, bytes, &sum)) return std::numeric_limits<std::int64_t>::max();
    }
    if (smallest.empty()) {
      missing = "it has no container of its own";
      return std::nullopt;
    }
    return sum;
  }

  // Connections of everything that depends on it, each at its maximum, against what it takes.
  void Connections() {
    if (!capacity_.max_connections.has_value()) return;
    const Workload& workload = context_.workload();
    std::int64_t sum = 0;
    std::string terms;
    int shown = 0, all = 0, unknown = 0;
    for (const WorkloadRecord* dependant : context_.Dependants()) {
      const auto bounds = BoundsOf(*dependant);
      for (const Capacity::Dependency& dependency : dependant->workload->capacity->depends_on) {
        if (!Names(dependency, *dependant->workload, workload)) continue;
        if (!bounds) {
          ++unknown;
          continue;
        }
        ++all;
        std::int64_t connections = 0;
        if (__builtin_mul_overflow(bounds->maximum, dependency.connections, &connections) ||
            __builtin_add_overflow(sum, connections, &sum))
          sum = std::numeric_limits<std::int64_t>::max();
        constexpr int kShown = 4;
        if (++shown > kShown) continue;
        const bool elsewhere = dependant->workload->meta.namespace_ != workload.meta.namespace_;
        terms += (terms.empty() ? "" : " + ") + (elsewhere ? dependant->workload->meta.namespace_.str() + "/" : "") +
                 dependant->workload->kind_name.str() + "/" + dependant->workload->meta.name.str() + " " +
                 std::to_string(bounds->maximum) + " x " + std::to_string(dependency.connections);
      }
    }
    if (all > 4) terms += " + " + std::to_string(all - 4) + " more";
    const std::int64_t most = *capacity_.max_connections;
    const std::string text = terms + " = " + std::to_string(sum) + " connections at their maximum";
    if (sum > most)
      return findings_.Add(Verdict::kFail, Path("max-connections"),
                           text + ", and max-connections is " + std::to_string(most));
    if (unknown > 0)
      return Open(UnknownCause::kOffline, "on how many nodes some that depend on it run only a cluster tells");
    if (context_.offline()) {
      if (all > 0)
        return Open(UnknownCause::kNotInInput,
                    text + " of " + std::to_string(most) + ", and others may not be in the input");
      return Open(UnknownCause::kNotInInput, "nothing in the input names it in seaworthy.dev/depends-on");
    }
    if (all == 0)
      return Open(UnknownCause::kNotDeclared,
                  "nothing names it in seaworthy.dev/depends-on, so its connections are not known");
    held_.push_back(text + " of max-connections " + std::to_string(most));
  }

  static bool Names(const Capacity::Dependency& dependency, const Workload& dependant, const Workload& target) {
    const Text& ns = dependency.namespace_.empty() ? dependant.meta.namespace_ : dependency.namespace_;
    return dependency.kind == target.kind_name && dependency.name == target.meta.name && ns == target.meta.namespace_;
  }

  // Expected data against the claims of one replica.
  void Data() {
    if (!capacity_.expected_data.has_value()) return;
    const std::int64_t expected = *capacity_.expected_data;
    const Workload& workload = context_.workload();
    std::int64_t sum = 0;
    bool known = true, any = false;
    const auto add = [&](OptInt bytes) {
      any = true;
      known &= bytes.has_value();
      sum += std::clamp<std::int64_t>(bytes.value_or(0), 0, std::int64_t{1} << 55);
    };
    const auto size = [](const PersistentVolumeClaim& claim) {
      return claim.capacity_bytes.has_value() ? claim.capacity_bytes : claim.requested_bytes;
    };
    const std::vector<const PersistentVolumeClaim*> claims = context_.Claims();
    // Templates cannot be changed while claims can be grown: the claims count, the smallest of each template.
    for (const ClaimTemplate& wanted : workload.claim_templates) {
      const std::string prefix = wanted.name.str() + "-" + workload.meta.name.str() + "-";
      OptInt smallest;
      for (const PersistentVolumeClaim* claim : claims) {
        if (!claim->meta.name.view().starts_with(prefix) || !size(*claim).has_value()) continue;
        if (!smallest.has_value() || *size(*claim) < *smallest) smallest = size(*claim);
      }
      add(smallest.has_value() ? smallest : wanted.bytes);
    }
    for (const Volume& volume : context_.spec().volumes) {
      if (volume.source != VolumeSource::kClaim) continue;
      const auto claim = std::find_if(claims.begin(), claims.end(), [&](const PersistentVolumeClaim* one) {
        return one->meta.name == volume.reference;
      });
      add(claim == claims.end() ? OptInt() : size(**claim));
    }
    if (!any) return Open(UnknownCause::kNotDeclared, "it has no claim to hold expected-data-size against");
    const std::string text = "its claims hold " + Bytes(sum) + " a replica, expected data are " + Bytes(expected);
    if (known && expected > sum) {
      findings_.Add(Verdict::kFail, Path("expected-data-size"), text);
    } else if (!known) {
      Open(context_.offline() ? UnknownCause::kNotInInput : UnknownCause::kNotObserved,
           "the size of a claim is not known");
    } else {
      held_.push_back(text);
    }
  }

  // What it depends on does the sum; here it has to be there to do so.
  void Dependencies() {
    for (const Capacity::Dependency& dependency : capacity_.depends_on) {
      const Text& ns = dependency.namespace_.empty() ? context_.workload().meta.namespace_ : dependency.namespace_;
      const std::string name = (dependency.namespace_.empty() ? "" : dependency.namespace_.str() + "/") +
                               dependency.kind.str() + "/" + dependency.name.str();
      const WorkloadRecord* target = context_.FindWorkload(ns, dependency.kind, dependency.name);
      if (target == nullptr) {
        Open(context_.offline() ? UnknownCause::kNotInInput : UnknownCause::kNotDeclared,
             "depends-on names " + name + ", which is not " + (context_.offline() ? "in the input" : "there"));
      } else if (target->workload->capacity == nullptr || !target->workload->capacity->max_connections.has_value()) {
        Open(UnknownCause::kNotDeclared, name + " declares no max-connections");
      } else {
        counted_ += (counted_.empty() ? "" : ", ") + name;
      }
    }
  }

  const Context& context_;
  const Capacity& capacity_;
  Findings findings_;
  std::vector<std::string> held_, open_;
  std::string counted_;  // where its own connections are judged
  UnknownCause cause_ = UnknownCause::kNotDeclared;
};

Outcome Run(const Context& context) { return Judge(context).Run(); }

}  // namespace

constinit const Check kCapacityConsistent = {
    .id = "capacity-consistent",
    .title = "Workers, memory, pools and the database fit the expected load",
    .section = Section::kConfiguration,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .rule =
        "Compares what annotations declare. seaworthy.dev/expected-concurrency (requests at a time, of all replicas) "
        "against the fewest replicas x seaworthy.dev/worker-slots: less fails; a warning where only the replicas that "
        "maxUnavailable leaves during a rollout are too few. seaworthy.dev/base-memory + worker-slots x "
        "memory-per-slot over the memory limits of the main containers fails. On a datastore: the connections of "
        "everything that names it in seaworthy.dev/depends-on (kind/name=connections of one replica, or "
        "namespace/kind/name=...), each at its maximum of replicas, over seaworthy.dev/max-connections fails, and "
        "seaworthy.dev/expected-data-size over the claims of one replica fails. The message does the sum. Unknown "
        "where a declared number has nothing to be compared with, named beside what is found otherwise. Not applicable "
        "without any of these annotations, to what declares nothing but depends-on (its database is judged), and at 0 "
        "replicas.",
    .why =
        "500 requests at a time need 500 worker slots, the memory for them, and a database that takes their "
        "connections. Each number is set in another file by another team, and the first peak finds the one that was "
        "forgotten.",
    .fix =
        "Raise what is too small, or lower what is declared: more replicas or slots, a higher memory limit, smaller "
        "pools, a pooler in front of the database, max_connections, larger claims. Then prove it with a load test.",
    .source = "I. Configuration: workers, runtimes, databases sized to the traffic (500 requests)",
    .traps =
        "Declared numbers are not measured ones. A pooler stands between: clients depend on it, it depends on the "
        "database with its own pool. Servers with an event loop have no slots: say what one replica was seen to carry. "
        "A sharded store's expected-data-size is that of one replica. In a scan, workloads that are not in the input "
        "are not counted, so a sum that fits is not called fitting.",
    .reads = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob, Kind::kReplicaSet, Kind::kPod,
              Kind::kHorizontalPodAutoscaler, Kind::kScaledObject, Kind::kLimitRange, Kind::kPersistentVolumeClaim},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
