// `./dev sim`: many seeds, and how fast.
//
// usage: sim [--scenario NAME] [--seeds N | --seed S] [--from S]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/simulation.h"

int main(int argc, char** argv) {
  using namespace seaworthy::sim;
  std::string_view only;
  std::uint64_t seeds = 20, from = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--scenario") only = argv[i + 1];
    if (flag == "--seeds") seeds = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--from") from = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--seed") from = std::strtoull(argv[i + 1], nullptr, 10), seeds = 1;
  }
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t runs = 0, bad = 0, changes = 0, requests = 0, writes = 0;
  double hours = 0;
  for (const Scenario& scenario : Scenarios()) {
    if (!only.empty() && scenario.name != only) continue;
    for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
      const Outcome outcome = RunSeed(scenario, seed);
      ++runs;
      hours += outcome.virtual_hours;
      changes += outcome.changes;
      requests += outcome.requests;
      writes += outcome.writes;
      if (outcome.problems.empty()) continue;
      ++bad;
      std::printf("%.*s seed %llu: %zu problems\n", static_cast<int>(scenario.name.size()), scenario.name.data(),
                  static_cast<unsigned long long>(seed), outcome.problems.size());
      for (std::size_t i = 0; i < outcome.problems.size() && i < 10; ++i)
        std::printf("  %s\n", outcome.problems[i].c_str());
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf(
      "%llu runs, %llu diverged; %.1f virtual hours in %.1f s, %.1f seeds/s; %llu changes, %llu requests, %llu "
      "writes\n",
      static_cast<unsigned long long>(runs), static_cast<unsigned long long>(bad), hours, seconds,
      static_cast<double>(runs) / seconds, static_cast<unsigned long long>(changes),
      static_cast<unsigned long long>(requests), static_cast<unsigned long long>(writes));
  return bad == 0 && runs != 0 ? 0 : 1;
}
