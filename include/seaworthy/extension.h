// Extension: an object of a kind that is not built into Kubernetes, or that checks ask only a few things of. It is kept
// as facts: the values at the paths that cache/extension_table.cc names for its kind, and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "seaworthy/object.h"
#include "seaworthy/workload.h"

namespace seaworthy {

class Extension : public Object {
 public:
  explicit Extension(Kind kind_of) : Object(kind_of) {}
  std::size_t resident_bytes() const override;

  // One value. `path` is as in the table, "spec.endpoints[].port". Elements of lists are numbered: `outer` in the first
  // list of the path, `inner` in the innermost, `middle` in those between, counted through over all outer elements; so
  // facts of one element have the same numbers.
  struct Fact {
    Text path;
    std::uint16_t outer = 0, middle = 0, inner = 0;
    Text value;
    bool operator==(const Fact&) const = default;
  };
  struct Selector {
    Text path;
    std::uint16_t outer = 0;
    LabelSelector selector;
    bool operator==(const Selector&) const = default;
  };

  // Empty when absent.
  std::string_view First(std::string_view path) const;
  bool Has(std::string_view path) const;
  // In document order.
  std::vector<const Fact*> All(std::string_view path) const;
  bool Names(std::string_view path, std::string_view value) const;  // one of All has this value
  // The value at `path` of the same element as `beside`; empty when absent.
  std::string_view Beside(const Fact& beside, std::string_view path) const;
  // Values at `path` in the element `outer` of the first list.
  std::vector<std::string_view> Within(std::uint16_t outer, std::string_view path) const;
  // Whether all that is kept of both is the same; versions and times of the metadata are not asked.
  bool SaysTheSameAs(const Extension& other) const;
  // nullptr when absent: in most APIs that selects nothing.
  const LabelSelector* SelectorAt(std::string_view path, std::uint16_t outer = 0) const;
  OptInt IntAt(std::string_view path) const;

  std::vector<Fact> facts;  // by path as in the table, then in document order
  std::vector<Selector> selectors;
  List<Condition> conditions;  // status.conditions
  // What an Argo Rollout says of the pods that it makes; null for other kinds, and where a Deployment says it
  // (spec.workloadRef).
  std::unique_ptr<const Workload> runs;
};

}  // namespace seaworthy
