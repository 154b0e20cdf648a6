#include "checks/common/belongs.h"

#include <algorithm>

namespace seaworthy::checks {
namespace {

bool IsSeparator(char c) { return c == '-' || c == '.' || c == '_'; }

}  // namespace

bool HasWords(std::string_view name, std::string_view words) {
  if (words.empty()) return false;
  for (std::size_t at = name.find(words); at != std::string_view::npos; at = name.find(words, at + 1)) {
    const std::size_t end = at + words.size();
    if ((at == 0 || IsSeparator(name[at - 1])) && (end == name.size() || IsSeparator(name[end]))) return true;
  }
  return false;
}

bool BelongsTo(const Object& object, const Workload& workload) {
  for (const char* label : {"app.kubernetes.io/instance", "app.kubernetes.io/name", "app.kubernetes.io/part-of"}) {
    const std::string_view value = object.meta.labels.Get(label);
    if (!value.empty() && (value == workload.meta.labels.Get(label) || value == workload.template_labels.Get(label)))
      return true;
  }
  return HasWords(object.meta.name, workload.meta.name) ||
         HasWords(object.meta.name, workload.template_labels.Get("app")) ||
         HasWords(object.meta.name, workload.template_labels.Get("app.kubernetes.io/name"));
}

std::string_view AnnotationAround(const Context& context, std::span<const std::string_view> keys) {
  const Workload& workload = context.workload();
  const Namespace* ns = context.Namespace().object;
  for (const std::string_view key : keys) {
    for (const Labels* annotations : {&workload.meta.annotations, &workload.template_annotations}) {
      if (const std::string_view value = annotations->Get(key); !value.empty()) return value;
    }
    if (ns == nullptr) continue;
    if (const std::string_view value = ns->meta.annotations.Get(key); !value.empty()) return value;
  }
  return {};
}

}  // namespace seaworthy::checks
