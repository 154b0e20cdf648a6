// Where a field stands in the manifest of a workload, as findings name it, and the strategic-merge patches that mend
// it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/workload.h"

namespace seaworthy::checks {

// "container", "init container", "sidecar", "ephemeral container": how messages call it.
std::string_view RoleWord(const Container& container);

// The pod template's spec: "spec.template.spec", "spec.jobTemplate.spec.template.spec", "spec".
std::string_view TemplatePath(const Workload& workload);

// "spec.template.spec.containers[name=app].image"; an empty field gives the container itself.
std::string ContainerPath(const Workload& workload, const Container& container, std::string_view field);

// Quotes and escapes as a JSON string.
std::string JsonString(std::string_view text);

// Builds one strategic-merge patch. Fragments are members of a JSON object without the braces:
// `"automountServiceAccountToken":false`.
class Patch {
 public:
  explicit Patch(const Workload& workload) : workload_(workload) {}
  Patch& Container(const seaworthy::Container& container, std::string_view fragment);
  Patch& PodSpec(std::string_view fragment);
  Patch& Spec(std::string_view fragment);  // of the workload itself
  bool empty() const { return containers_.empty() && pod_.empty() && spec_.empty(); }
  // Compact JSON; empty when nothing was added.
  std::string Build() const;

 private:
  const Workload& workload_;
  std::vector<std::pair<const seaworthy::Container*, std::string>> containers_;
  std::string pod_, spec_;
};

}  // namespace seaworthy::checks
