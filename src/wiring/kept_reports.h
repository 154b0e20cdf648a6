// What our own reports keep, from when they are listed until the first evaluation has taken it up: verdicts, since when
// findings stand, what was observed. After that nobody reads it any more, and the writer knows what is on the server.
//
// Ten thousand of them are 20 MiB. They are kept in few large blocks, which go back to the system as a whole: objects
// of their own would leave their room in holes between what stays.
//
// Single-threaded, of the core's loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/objects.h"
#include "seaworthy/text.h"
#include "support/hash.h"

namespace seaworthy::wiring {

class KeptReports {
 public:
  // The newest of a name counts.
  void Put(const AuditObject& audit);
  void Remove(Kind kind, std::string_view ns, std::string_view name);
  // With its evidence, findings, transitions, passed checks, and the uids of its owners; nullptr: there is none.
  std::unique_ptr<AuditObject> Find(Kind kind, std::string_view ns, std::string_view name, TextPool& pool);
  void Clear(Kind kind) { Of(kind) = Reports(); }
  std::size_t resident_bytes() const;

 private:
  struct Place {
    support::Hash128 name;
    std::uint32_t block = 0, begin = 0, size = 0;  // size 0: removed
  };
  struct Reports {
    std::vector<std::string> blocks;
    std::vector<Place> places;  // by name once `sorted`; of equal names the last one counts
    bool sorted = true;
  };

  Reports& Of(Kind kind) { return reports_[static_cast<std::size_t>(kind)]; }

  std::array<Reports, kKindCount> reports_;
};

}  // namespace seaworthy::wiring
