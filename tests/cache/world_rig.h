// A World that a test talks to in YAML.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/decode.h"
#include "cache/world.h"
#include "testing/manifest.h"
#include "testing/world_text.h"

namespace seaworthy::cache {

inline constexpr std::int64_t kNow = 1'795'521'600;  // 2026-11-24T12:00:00Z

// "apiVersion: ...": metadata by hand is most of a manifest.
inline std::string Manifest(std::string_view api_version, std::string_view kind, std::string_view metadata,
                            std::string_view rest = {}) {
  return "apiVersion: " + std::string(api_version) + "\nkind: " + std::string(kind) + "\nmetadata: {" +
         std::string(metadata) + "}\n" + std::string(rest);
}

class WorldRig {
 public:
  explicit WorldRig(World::Mode mode = World::Mode::kCluster) : world(mode, pool) {
    if (mode == World::Mode::kOffline) return;
    At(kNow);
    for (const KindInfo& info : KindTable()) Snapshot(info.kind, {});
    world.TakeTouches();
  }

  void At(std::int64_t seconds) { world.Tick(WallTime(std::chrono::seconds(seconds))); }
  void Apply(const std::string& yaml) { Send(EventType::kApply, testing::Decoded(*decoder, yaml)); }
  void Delete(const std::string& yaml) { Send(EventType::kDelete, testing::Decoded(*decoder, yaml)); }
  void Tell(EventType type, Kind kind, std::string detail = {}) {
    world.Accept({type, kind, nullptr, std::move(detail)});
  }
  void Stage(const std::string& yaml) { Send(EventType::kInitApply, testing::Decoded(*decoder, yaml)); }
  void Snapshot(Kind kind, const std::vector<std::string>& yamls) {
    Tell(EventType::kInit, kind);
    for (const std::string& yaml : yamls) Stage(yaml);
    Tell(EventType::kInitDone, kind);
  }
  void Send(EventType type, ObjectPtr object) {
    ASSERT_NE(object, nullptr);
    const Kind kind = object->kind;
    world.Accept({type, kind, std::move(object), {}});
  }

  const WorkloadRecord* Find(std::string_view kind, std::string_view name, std::string_view ns = "shop") {
    return world.FindWorkload(ns, kind, name);
  }
  const NamespaceRecord* Ns(std::string_view name) { return world.FindNamespace(pool.Intern(name)); }
  std::string Text() { return testing::WorldText(world); }
  // Was the subject touched with one of these kinds since the last call of TakeTouches?
  static bool Touched(const std::vector<Touch>& touches, std::uint32_t subject, KindSet kinds) {
    return std::any_of(touches.begin(), touches.end(), [&](const Touch& touch) {
      return touch.scope == Touch::Scope::kSubject && touch.subject == subject && touch.kinds.Intersects(kinds);
    });
  }

  TextPool pool;
  std::unique_ptr<ObjectDecoder> decoder = MakeDecoder(pool);
  World world;
};

// Names of a list's items, in its order.
template <typename Items>
std::vector<std::string> Names(const Items& list) {
  std::vector<std::string> names;
  for (const auto* item : list) {
    if constexpr (std::is_same_v<decltype(item), const WorkloadRecord*>) {
      names.push_back(item->workload->kind_name.str() + "/" + item->workload->meta.name.str());
    } else {
      names.push_back(item->meta.name.str());
    }
  }
  return names;
}

// The objects that the tests are about.

inline std::string Owned(std::string_view api_version, std::string_view kind, std::string_view name,
                         std::string_view uid) {
  return ", ownerReferences: [{apiVersion: " + std::string(api_version) + ", kind: " + std::string(kind) +
         ", name: " + std::string(name) + ", uid: " + std::string(uid) + ", controller: true}]";
}
inline std::string Template(std::string_view labels = "app: web", std::string_view image = "web:1.0.0") {
  return "spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {" + std::string(labels) +
         "}}, spec: {containers: [{name: app, image: \"" + std::string(image) + "\"}]}}}\n";
}
inline std::string Deployment(std::string_view name = "web", std::string_view meta = "uid: d1",
                              std::string_view rest = {}) {
  return Manifest("apps/v1", "Deployment", "name: " + std::string(name) + ", namespace: shop, " + std::string(meta),
                  rest.empty() ? Template() : std::string(rest));
}
inline std::string ReplicaSet(std::string_view name, std::string_view hash, std::string_view meta) {
  return Manifest("apps/v1", "ReplicaSet",
                  "name: " + std::string(name) + ", namespace: shop, labels: {pod-template-hash: " + std::string(hash) +
                      "}, " + std::string(meta),
                  Template());
}
inline std::string Pod(std::string_view name, std::string_view meta,
                       std::string_view status = "status: {phase: Running}", std::string_view spec = "") {
  return Manifest(
      "v1", "Pod", "name: " + std::string(name) + ", namespace: shop, " + std::string(meta),
      "spec: {containers: [{name: app, image: web:1.0.0}]" + std::string(spec) + "}\n" + std::string(status));
}

}  // namespace seaworthy::cache
