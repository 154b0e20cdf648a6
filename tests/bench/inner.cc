// The inner scenarios. The counter `per` is by how much a run's time is to be divided: objects or workloads.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/audited.h"
#include "checks/all_checks.h"
#include "score/run_check.h"
#include "support/json.h"

namespace {

using namespace seaworthy;
using namespace seaworthy::bench;

ClusterSize Cluster(std::size_t workloads) {
  return {.seed = 1,
          .workloads = workloads,
          .pods = workloads * 27 / 10,
          .nodes = std::max<std::size_t>(workloads / 20, 3)};
}

// Made once: it takes longer than what is measured.
const std::vector<Raw>& Made(std::size_t workloads) {
  static std::map<std::size_t, std::vector<Raw>> made;
  std::vector<Raw>& objects = made[workloads];
  if (objects.empty()) objects = Objects(Cluster(workloads));
  return objects;
}

std::vector<const Raw*> OfKind(Kind kind) {
  std::vector<const Raw*> found;
  for (const Raw& raw : Made(1000)) {
    if (raw.kind == kind) found.push_back(&raw);
  }
  return found;
}

void Told(benchmark::State& state, std::size_t per) { state.counters["per"] = static_cast<double>(per); }

// From bytes to a tree, which decoding includes.
void Parse(benchmark::State& state, Kind kind) {
  const std::vector<const Raw*> objects = OfKind(kind);
  std::size_t bytes = 0;
  for (auto _ : state) {
    for (const Raw* raw : objects) {
      support::Tree tree;
      benchmark::DoNotOptimize(support::ParseJson(raw->text, tree).ok());
      bytes += raw->text.size();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  Told(state, objects.size());
}

void Decode(benchmark::State& state, Kind kind) {
  const std::vector<const Raw*> objects = OfKind(kind);
  const Audited audited;
  std::size_t bytes = 0;
  for (auto _ : state) {
    for (const Raw* raw : objects) {
      benchmark::DoNotOptimize(audited.Decode(*raw));
      bytes += raw->text.size();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  Told(state, objects.size());
}

// All checks of all workloads, and what sinks are told.
void Evaluate(benchmark::State& state) {
  Audited audited;
  audited.Load(Made(static_cast<std::size_t>(state.range(0))));
  audited.Evaluate();
  for (auto _ : state) audited.EvaluateWorkloads();
  Told(state, static_cast<std::size_t>(state.range(0)));
}

// And those of nodes, namespaces, budgets and the cluster.
void EvaluateAll(benchmark::State& state) {
  Audited audited;
  audited.Load(Made(static_cast<std::size_t>(state.range(0))));
  audited.Evaluate();
  for (auto _ : state) audited.Evaluate();
  Told(state, static_cast<std::size_t>(state.range(0)));
}

// One check of every workload, without what the engine makes of its outcome: which of them are dear.
void OneCheck(benchmark::State& state, const Check& check) {
  Audited audited;
  audited.Load(Made(1000));
  std::size_t workloads = 0;
  for (auto _ : state) {
    workloads = 0;
    for (const NamespaceRecord* ns : audited.world().Namespaces()) {
      for (const WorkloadRecord* record : ns->workloads) {
        SubjectRef ref;
        ref.workload = record;
        Context context(audited.world(), audited.now());
        score::Bind(context, ref, Tier::kStandard);
        benchmark::DoNotOptimize(score::RunCheck(check, context, audited.world()));
        ++workloads;
      }
    }
  }
  Told(state, workloads);
}

void Change(benchmark::State& state) {
  const std::vector<Raw>& objects = Made(static_cast<std::size_t>(state.range(0)));
  Audited audited;
  audited.Load(objects);
  audited.Evaluate();
  const Flip flip = FlipReplicas(objects);
  std::size_t turn = 0;
  for (auto _ : state) audited.Change(flip.states[turn++ % 2]);
}

// Everything is listed again, and nothing has changed.
void Relist(benchmark::State& state) {
  const std::vector<Raw>& objects = Made(static_cast<std::size_t>(state.range(0)));
  Audited audited;
  audited.Load(objects);
  audited.Evaluate();
  for (auto _ : state) audited.Load(objects);
  Told(state, objects.size());
}

void Page(benchmark::State& state) {
  Audited audited;
  audited.Load(Made(static_cast<std::size_t>(state.range(0))));
  audited.Evaluate();
  std::size_t bytes = 0;
  for (auto _ : state) bytes += audited.Page().size();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

// From bytes to series, once, of a cluster that has too much of one thing; and one change of a workload in it.
void ShapeStart(benchmark::State& state, Shape shape) {
  const std::vector<Raw> objects = Objects(shape, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    Audited audited;
    audited.Load(objects);
    audited.Evaluate();
  }
}

void ShapeChange(benchmark::State& state, Shape shape) {
  const std::vector<Raw> objects = Objects(shape, static_cast<std::size_t>(state.range(0)));
  Audited audited;
  audited.Load(objects);
  audited.Evaluate();
  const Flip flip = FlipReplicas(objects);
  std::size_t turn = 0;
  for (auto _ : state) audited.Change(flip.states[turn++ % 2]);
}

void Sizes(benchmark::internal::Benchmark* of) { of->Arg(100)->Arg(1000)->Arg(10000)->Unit(benchmark::kMicrosecond); }

void Register() {
  for (const auto& [name, kind] : {std::pair("Deployment", Kind::kDeployment),
                                   {"Pod", Kind::kPod},
                                   {"ReplicaSet", Kind::kReplicaSet},
                                   {"Service", Kind::kService},
                                   {"Node", Kind::kNode}}) {
    benchmark::RegisterBenchmark((std::string("Parse/") + name).c_str(),
                                 [kind = kind](benchmark::State& state) { Parse(state, kind); });
    benchmark::RegisterBenchmark((std::string("Decode/") + name).c_str(),
                                 [kind = kind](benchmark::State& state) { Decode(state, kind); });
  }
  benchmark::RegisterBenchmark("Evaluate", Evaluate)->Apply(Sizes);
  benchmark::RegisterBenchmark("EvaluateAll", EvaluateAll)->Apply(Sizes);
  for (const Check* check : checks::AllChecks()) {
    if (check->subject != SubjectType::kWorkload) continue;
    benchmark::RegisterBenchmark(("Check/" + std::string(check->id)).c_str(), [check](benchmark::State& state) {
      OneCheck(state, *check);
    })->Unit(benchmark::kMicrosecond);
  }
  benchmark::RegisterBenchmark("Change", Change)->Apply(Sizes);
  benchmark::RegisterBenchmark("Relist", Relist)->Apply(Sizes);
  benchmark::RegisterBenchmark("Page", Page)->Apply(Sizes);
  for (const auto& [name, shape, most] : {std::tuple("Budgets", Shape::kBudgets, 5000),
                                          {"Namespace", Shape::kNamespace, 5000},
                                          {"Pods", Shape::kPods, 5000},
                                          {"Containers", Shape::kContainers, 1000}}) {
    for (const bool start : {true, false}) {
      auto* one = benchmark::RegisterBenchmark((std::string(start ? "ShapeStart" : "ShapeChange") + name).c_str(),
                                               [shape = shape, start](benchmark::State& state) {
                                                 start ? ShapeStart(state, shape) : ShapeChange(state, shape);
                                               });
      one->Unit(benchmark::kMicrosecond);
      for (const int part : {20, 10, 4, 2, 1}) one->Arg(most / part);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Register();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
