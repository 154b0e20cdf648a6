#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

std::string_view ListName(const Container& container) {
  switch (container.role) {
    case ContainerRole::kMain: return "containers";
    case ContainerRole::kInit:
    case ContainerRole::kSidecar: return "initContainers";
    case ContainerRole::kEphemeral: return "ephemeralContainers";
  }
  return "containers";
}

void AppendMember(std::string& object, std::string_view member) {
  if (!object.empty()) object += ',';
  object += member;
}

}  // namespace

std::string_view RoleWord(const Container& container) {
  switch (container.role) {
    case ContainerRole::kMain: return "container";
    case ContainerRole::kInit: return "init container";
    case ContainerRole::kSidecar: return "sidecar";
    case ContainerRole::kEphemeral: return "ephemeral container";
  }
  return "container";
}

std::string_view TemplatePath(const Workload& workload) {
  switch (workload.workload_class) {
    case WorkloadClass::kCronJob: return "spec.jobTemplate.spec.template.spec";
    case WorkloadClass::kPod: return "spec";
    default: return "spec.template.spec";
  }
}

std::string ContainerPath(const Workload& workload, const Container& container, std::string_view field) {
  const std::string_view above = TemplatePath(workload), list = ListName(container);
  std::string path;
  path.reserve(above.size() + 1 + list.size() + 6 + container.name.size() + 2 + field.size());
  path.append(above).append(1, '.').append(list).append("[name=").append(container.name).append(1, ']');
  if (!field.empty()) path.append(1, '.').append(field);
  return path;
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 0xf];
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

Patch& Patch::Container(const seaworthy::Container& container, std::string_view fragment) {
  for (auto& [known, members] : containers_) {
    if (known == &container) {
      AppendMember(members, fragment);
      return *this;
    }
  }
  containers_.emplace_back(&container, std::string(fragment));
  return *this;
}

Patch& Patch::PodSpec(std::string_view fragment) {
  AppendMember(pod_, fragment);
  return *this;
}

Patch& Patch::Spec(std::string_view fragment) {
  AppendMember(spec_, fragment);
  return *this;
}

std::string Patch::Build() const {
  if (empty()) return {};
  std::string pod = pod_;
  for (std::string_view list : {"initContainers", "containers"}) {
    std::string elements;
    for (const auto& [container, members] : containers_) {
      if (ListName(*container) == list)
        AppendMember(elements, "{\"name\":" + JsonString(container->name) + "," + members + "}");
    }
    if (!elements.empty()) AppendMember(pod, "\"" + std::string(list) + "\":[" + elements + "]");
  }
  if (workload_.workload_class == WorkloadClass::kPod) return "{\"spec\":{" + pod + "}}";
  std::string spec = spec_;
  if (!pod.empty()) {
    std::string nested = "\"template\":{\"spec\":{" + pod + "}}";
    if (workload_.workload_class == WorkloadClass::kCronJob) nested = "\"jobTemplate\":{\"spec\":{" + nested + "}}";
    AppendMember(spec, nested);
  }
  return "{\"spec\":{" + spec + "}}";
}

}  // namespace seaworthy::checks
