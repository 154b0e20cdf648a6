#include "bench/audited.h"

#include <cstdlib>
#include <utility>

#include "cache/decode.h"
#include "checks/all_checks.h"
#include "support/json.h"

namespace seaworthy::bench {
namespace {

WallTime At(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::vector<Raw> Expanded(const std::function<void(const EachItem&)>& generate, std::size_t nodes) {
  std::vector<Raw> objects;
  generate([&](const Item& item) {
    const std::optional<Kind> kind =
        FindKind(item.object["apiVersion"].get<std::string>(), item.object["kind"].get<std::string>());
    if (!kind) std::abort();
    const std::string text = item.object.dump();
    for (std::size_t copy = 0; copy < item.copies; ++copy) objects.push_back({*kind, Expand(item, text, copy, nodes)});
  });
  return objects;
}

}  // namespace

std::vector<Raw> Objects(const ClusterSize& size) {
  return Expanded([&](const EachItem& each) { Generate(size, each); }, size.nodes);
}

std::vector<Raw> Objects(Shape shape, std::size_t n) {
  return Expanded([&](const EachItem& each) { Generate(shape, n, each); }, 20);
}

Audited::Audited()
    : decoder_(cache::MakeDecoder(pool_)),
      world_(cache::World::Mode::kCluster, pool_),
      engine_(world_, checks::AllChecks(), pool_, {}) {
  engine_.AddSink(&collector_);
  collector_.SetLeader(true);
}

ObjectPtr Audited::Decode(const Raw& raw) const {
  // One object with 1,000 containers has more tokens than a server's limit on objects would let it have.
  support::Tree tree({.tokens = 4'000'000});
  if (!support::ParseJson(raw.text, tree).ok()) std::abort();
  Result<ObjectPtr> object = decoder_->Decode(raw.kind, tree.root());
  if (!object.ok()) std::abort();
  return std::move(*object);
}

void Audited::Load(const std::vector<Raw>& objects) {
  world_.Tick(At(now_));
  for (const KindInfo& info : KindTable()) world_.Accept({EventType::kInit, info.kind, nullptr, {}});
  for (const Raw& raw : objects) world_.Accept({EventType::kInitApply, raw.kind, Decode(raw), {}});
  for (const KindInfo& info : KindTable()) world_.Accept({EventType::kInitDone, info.kind, nullptr, {}});
  Pass();
}

void Audited::Pass() {
  for (const Touch& touch : world_.TakeTouches()) engine_.Accept(touch);
}

std::size_t Audited::Evaluate() {
  engine_.TouchAll();
  while (engine_.Step(At(now_), 64)) {
  }
  return world_.SubjectLimit();
}

void Audited::EvaluateWorkloads() {
  engine_.Accept({Touch::Scope::kWorkloads, 0, KindSet::All(), false});
  while (engine_.Step(At(now_), 64)) {
  }
}

void Audited::Change(const Raw& raw) {
  world_.Accept({EventType::kApply, raw.kind, Decode(raw), {}});
  Pass();
  while (engine_.Step(At(now_), 64)) {
  }
}

Flip FlipReplicas(const std::vector<Raw>& objects) {
  for (const Raw& raw : objects) {
    if (raw.kind != Kind::kDeployment) continue;
    nlohmann::json object = nlohmann::json::parse(raw.text);
    Flip flip{{raw, raw}};
    for (int state : {0, 1}) {
      object["spec"]["replicas"] = state == 0 ? 3 : 1;
      object["metadata"]["resourceVersion"] = std::to_string(state + 2);
      flip.states[state].text = object.dump();
    }
    return flip;
  }
  std::abort();
}

}  // namespace seaworthy::bench
