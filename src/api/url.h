// Request targets from typed parts. Object names come from tenants, and cpprest's own builder leaves "..", "?" and "#"
// as they are (RELIABILITY.md 0g), so nothing else in the code base puts a name into a URL.
//
// Everything outside RFC 3986's unreserved set is percent-encoded. A segment that could move within the path (empty,
// ".", "..", or with "/" or "%" in it) is refused: no Kubernetes name may look like that, so such a name is an attack
// or a bug.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "seaworthy/kind.h"
#include "seaworthy/result.h"

namespace seaworthy::api {

std::string PercentEncode(std::string_view text);

// Name-value pairs, encoded as they are added. One method a type: an overload set would take a string literal for a
// bool.
class Query {
 public:
  Query& Add(std::string_view name, std::string_view value);
  Query& AddInt(std::string_view name, std::int64_t value);
  Query& AddFlag(std::string_view name, bool value);
  // With its leading "?", or empty.
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

// "/a/b/c". kInvalidArgument names the offending segment.
Result<std::string> JoinPath(std::initializer_list<std::string_view> segments);

// "/api/v1" or "/apis/GROUP/VERSION".
Result<std::string> GroupVersionPath(std::string_view group, std::string_view version);

// The collection of a kind: of one namespace, or of all when `name_space` is empty or the kind has none.
Result<std::string> CollectionPath(const KindInfo& info, std::string_view version, std::string_view name_space = {});

// One object or, with `subresource`, a part of it. REQUIRES: a namespace exactly for namespaced kinds.
Result<std::string> ObjectPath(const KindInfo& info, std::string_view version, std::string_view name_space,
                               std::string_view name, std::string_view subresource = {});

}  // namespace seaworthy::api
