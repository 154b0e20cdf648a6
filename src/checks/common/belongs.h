// Which objects beside a workload belong to it, where nothing selects or names: dashboards, pages.
#pragma once

#include <span>
#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// The object stands in the workload's namespace (not looked at here) and shares its app.kubernetes.io/instance, name or
// part-of label, or has its name or app label's value in its own name, as a whole word: "grafana-dashboard-web" is of
// "web", "webhook-dashboard" is not.
bool BelongsTo(const Object& object, const Workload& workload);

// `words` stands in `name` between hyphens, dots or the ends.
bool HasWords(std::string_view name, std::string_view words);

// The value of the first of these annotations that the workload, its template or its namespace has; empty: none.
// Kinds: kNamespace.
std::string_view AnnotationAround(const Context& context, std::span<const std::string_view> keys);

}  // namespace seaworthy::checks
