// Finds the memory bounds that a language runtime is started with (CHECKLIST: runtime-memory-fits): the JVM's, Go's,
// Node's.
//
// Collect() the environment variables that may hold one and the command line of one container, both with $(VAR)
// expanded as far as that can be done, then Finish(). Where a bound is given several times, the one that the runtime
// obeys is kept, one fact for each runtime. A bound that refers to something all the same is `unresolved`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/command_words.h"
#include "seaworthy/pod_spec.h"
#include "seaworthy/text.h"

namespace seaworthy::cache {

class RuntimeMemoryFinder {
 public:
  explicit RuntimeMemoryFinder(TextPool& pool) : pool_(pool) {}

  // Whether the variable is worth expanding.
  static bool MayHold(std::string_view name, std::string_view value);
  void CollectEnv(std::string_view name, std::string_view value);
  void CollectCommand(const std::vector<Word>& words);
  List<RuntimeMemory> Finish() const;

 private:
  // A later source of the same rank overrides an earlier one; a higher rank always does.
  struct Bound {
    int rank = 0;
    RuntimeMemory fact;
    void Set(int new_rank, RuntimeMemory new_fact) {
      if (new_rank < rank) return;
      rank = new_rank;
      fact = std::move(new_fact);
    }
  };
  void Look(int rank, std::string_view where, std::string_view word, std::string_view next);
  Text Where(std::string_view where, std::string_view flag) const;
  // `text` is what was to be a size or a percentage, and was not read.
  static void SetUnresolved(Bound& bound, int rank, Text where, std::string_view text);

  TextPool& pool_;
  Bound heap_, share_, ram_;  // -Xmx, -XX:MaxRAMPercentage, -XX:MaxRAM
  Bound go_, node_;
};

// "512m", "2G", "1048576": what the JVM's -Xmx takes. nullopt for anything else.
std::optional<std::int64_t> ParseJvmSize(std::string_view text);
// "512MiB", "2GiB", "1048576", "100B": what GOMEMLIMIT takes (Go: runtime parseByteCount). nullopt for "off" and
// anything else.
std::optional<std::int64_t> ParseGoSize(std::string_view text);

}  // namespace seaworthy::cache
