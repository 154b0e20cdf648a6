// What is kept of each kind of extension: a table of paths.
//
// A path names a value, "status.phase"; "[]" stands behind a list, whose elements are numbered; "{}" at the end makes
// it a label selector; "?" at the end keeps only that something is there (the value becomes "true"); "{keys}" at the
// end keeps the keys of an object; "{time}" seconds since the epoch (IntAt reads them); "{host}" the host of a URL,
// without the user info that it may carry; "{matchers}" the label matchers of a PromQL expression (promql_matchers.h),
// each as "label=value". status.conditions come by themselves, and the sums over a VulnerabilityReport
// (decode_extension.cc). Nothing that may hold a credential belongs here.
#pragma once

#include <span>
#include <string_view>

#include "seaworthy/kind.h"

namespace seaworthy::cache {

// Empty for kinds that have a projection of their own.
std::span<const std::string_view> ExtensionPaths(Kind kind);

}  // namespace seaworthy::cache
