// `./dev sim`: many seeds, and how fast.
//
// usage: sim [--scenario NAME] [--seeds N | --seed S] [--from S]
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include "sim/simulation.h"

int main(int argc, char** argv) {
  using namespace seaworthy::sim;
  std::string_view only;
  std::uint64_t seeds = 20, from = 1;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view flag = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_number = error == std::errc() && end == value.data() + value.size();
    if (flag == "--scenario" && !value.empty()) {
      only = value;
    } else if (flag == "--seeds" && is_number) {
      seeds = number;
    } else if (flag == "--from" && is_number) {
      from = number;
    } else if (flag == "--seed" && is_number) {
      from = number, seeds = 1;
    } else {
      std::fputs("usage: sim [--scenario NAME] [--seeds N | --seed S] [--from S]\nscenarios:", stderr);
      for (const Scenario& scenario : Scenarios()) std::fprintf(stderr, " %s", std::string(scenario.name).c_str());
      std::fputs("\n", stderr);
      return 2;
    }
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
