// Where the fields of an object stand in its manifest: "spec.template.spec.containers[name=app].image" is in line 42.
//
// Made from the tree that the object is decoded from, so nothing is read twice, and what came through a pipe has lines
// as well. Twelve bytes a field, none of its text. Immutable, so thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/object.h"
#include "support/json.h"

namespace seaworthy::wiring {

class LineIndex {
 public:
  LineIndex() = default;
  explicit LineIndex(const support::Node& object);

  // The line of the field that `path` names, as findings name fields; of the deepest one on the way to it where it does
  // not exist ("no readinessProbe": the container). 0: not even the first one exists.
  std::uint32_t LineOf(std::string_view path) const;

 private:
  struct Field {
    std::uint32_t key = 0;  // hash of its key; of an element of a list: of its member "name"
    std::uint32_t line = 0;
    std::uint32_t end : 31 = 0;  // of fields_: behind its last descendant
    std::uint32_t is_list : 1 = 0;
  };
  void Add(const support::Node& node, std::string_view key, int depth);
  // The child of fields_[parent] that the step names; 0: none.
  std::uint32_t Child(std::uint32_t parent, std::string_view step, bool bracketed) const;

  std::vector<Field> fields_;  // depth first, the object itself at 0
};

// The indexes of all objects of a scan, by where they begin.
class ManifestLines {
 public:
  void Add(const SourceRef& object, LineIndex index);
  // The line of the object itself where nothing of `path` is known.
  std::uint32_t LineOf(const SourceRef& object, std::string_view path) const;

 private:
  static std::uint64_t Key(const SourceRef& object);
  std::unordered_map<std::uint64_t, LineIndex> indexes_;
};

}  // namespace seaworthy::wiring
