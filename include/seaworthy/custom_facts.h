// What stays with an object of custom checks (custom.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace seaworthy {

struct CustomVerdict {
  enum class Result : std::uint8_t { kTrue, kFalse, kError };
  Result result = Result::kError;
  std::string error;  // why it is neither; says nothing of the object's values
  bool operator==(const CustomVerdict&) const = default;
};

// What stays with an object of it. Absent for all objects while no custom check is about their kind.
struct CustomFacts {
  struct Judged {
    std::uint64_t key;
    CustomVerdict verdict;
    bool operator==(const Judged&) const = default;
  };
  std::vector<Judged> judged;
  std::string kept;  // gzip of JSON; empty: nobody needs it
  bool operator==(const CustomFacts&) const = default;

  const CustomVerdict* Find(std::uint64_t key) const;
  std::size_t resident_bytes() const;
};
using CustomFactsPtr = std::unique_ptr<CustomFacts>;

}  // namespace seaworthy
