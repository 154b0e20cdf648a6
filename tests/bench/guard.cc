// One fixed scenario in a process of its own, for callgrind to count the instructions of (guard.py). What is counted is
// Measured and nothing else.
#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include "bench/audited.h"

namespace {

using namespace seaworthy::bench;
using seaworthy::Kind;

constexpr ClusterSize kSize{.seed = 1, .workloads = 25, .pods = 70, .nodes = 5};

}  // namespace

// callgrind is told to count inside the function of this name.
extern "C" [[gnu::noinline]] void Measured(const std::function<void()>& what) { what(); }

int main(int argc, char** argv) {
  const std::vector<Raw> objects = Objects(kSize);
  Audited audited;
  const auto ready = [&] {
    audited.Load(objects);
    audited.Evaluate();
  };
  const auto decode = [&](Kind kind) {
    Measured([&] {
      for (const Raw& raw : objects) {
        if (raw.kind == kind) static_cast<void>(audited.Decode(raw));
      }
    });
  };
  const std::map<std::string, std::function<void()>> scenarios = {
      {"decode-deployment", [&] { decode(Kind::kDeployment); }},
      {"decode-pod", [&] { decode(Kind::kPod); }},
      {"snapshot", [&] { Measured([&] { audited.Load(objects); }); }},
      {"evaluate",
       [&] {
         ready();
         Measured([&] { audited.Evaluate(); });
       }},
      {"change",
       [&] {
         ready();
         const Flip flip = FlipReplicas(objects);
         audited.Change(flip.states[1]);
         Measured([&] {
           for (int i = 0; i < 10; ++i) audited.Change(flip.states[i % 2]);
         });
       }},
      {"relist",
       [&] {
         ready();
         Measured([&] { audited.Load(objects); });
       }},
      {"page",
       [&] {
         ready();
         Measured([&] { static_cast<void>(audited.Page()); });
       }},
  };
  if (argc == 1) {
    for (const auto& [name, scenario] : scenarios) std::puts(name.c_str());
    return 0;
  }
  const auto found = scenarios.find(argv[1]);
  if (found == scenarios.end()) return 2;
  found->second();
  return 0;
}
