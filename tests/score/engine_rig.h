// A World in YAML, an Engine with checks of the test's own, and what its sink was told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/world_rig.h"
#include "score/engine.h"
#include "score/told.h"

namespace seaworthy::score {

using cache::kNow;

inline WallTime At(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

struct EngineRig {
  explicit EngineRig(std::vector<const Check*> list, EngineOptions options = {})
      : checks(std::move(list)), engine(rig.world, checks, rig.pool, options) {
    engine.AddSink(&sink);
  }

  // Passes on what the World touched.
  void Flow() {
    for (const Touch& touch : rig.world.TakeTouches()) engine.Accept(touch);
  }
  void Apply(const std::string& yaml) {
    rig.Apply(yaml);
    Flow();
  }
  void Delete(const std::string& yaml) {
    rig.Delete(yaml);
    Flow();
  }
  // Until nothing is left to do now.
  void Work(std::int64_t seconds = kNow) {
    while (engine.Step(At(seconds), 16)) {
    }
  }
  const Remembered& Told(const std::string& name) { return sink.reports[name]; }

  cache::WorldRig rig;
  std::vector<const Check*> checks;
  Engine engine;
  Memory sink;
};

}  // namespace seaworthy::score
