#include "checks/common/security.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace seaworthy::checks {
namespace {

constexpr std::size_t kTracked =
    64;  // template containers whose pods' copies are told from it; those beyond are judged as the template says

bool IsCurrent(const WorkloadRecord& record, const Pod& pod) {
  if (pod.meta.deleted.set() || pod.IsTerminal() || pod.spec == nullptr) return false;
  return record.current_revision.empty() || pod.template_hash_label == record.current_revision;
}

bool SameSecurity(const PodSpec& pod_a, const Container& a, const PodSpec& pod_b, const Container& b) {
  return a.security == b.security && pod_a.security == pod_b.security && pod_a.host_users == pod_b.host_users;
}

std::size_t IndexIn(const PodSpec& spec, const Container& container) {
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    if (spec.containers[i]->name == container.name && spec.containers[i]->role == container.role) return i;
  }
  return spec.containers.size();
}

}  // namespace

std::vector<JudgedContainer> JudgedContainers(const Context& context) {
  const PodSpec& spec = context.spec();
  const std::size_t count = spec.containers.size();
  bool any_pod = false;
  std::uint64_t unchanged = 0;  // template containers that run somewhere as the template says
  std::vector<JudgedContainer> changed;
  if (context.workload().workload_class != WorkloadClass::kCronJob) {
    const PodSpec* last = nullptr;
    for (const Pod* pod : context.Pods()) {
      if (pod->spec.get() == last || !IsCurrent(context.record(), *pod)) continue;
      last = pod->spec.get();
      any_pod = true;
      for (const Container& container : last->containers) {
        const std::size_t index = IndexIn(spec, container);
        if (index < count && SameSecurity(spec, spec.containers[index], *last, container)) {
          if (index < kTracked) unchanged |= std::uint64_t{1} << index;
          continue;
        }
        const bool known = std::any_of(changed.begin(), changed.end(), [&](const JudgedContainer& other) {
          return other.container->name == container.name &&
                 SameSecurity(*other.pod, *other.container, *last, container);
        });
        if (!known) changed.push_back({last, &container, index < count});
      }
    }
  }
  // Pods are sorted by names that are drawn by lot; the text must not be.
  std::stable_sort(changed.begin(), changed.end(), [](const JudgedContainer& a, const JudgedContainer& b) {
    return a.container->name < b.container->name;
  });
  std::vector<JudgedContainer> judged;
  judged.reserve(count + changed.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (!any_pod || i >= kTracked || (unchanged >> i & 1U) != 0) judged.push_back({&spec, &*spec.containers[i], true});
  }
  judged.insert(judged.end(), changed.begin(), changed.end());
  return judged;
}

void AddFinding(Findings& findings, Verdict verdict, const Context& context, const JudgedContainer& judged,
                std::string_view field, std::string_view what) {
  if (judged.in_template) return findings.Add(verdict, context.workload(), *judged.container, field, what);
  findings.Add(verdict, context.workload(), *judged.container, field,
               std::string(what) + " (in the pods, not in the template)");
}

bool IsWindows(const PodSpec& spec) {
  return spec.os == "windows" || (spec.os.empty() && spec.node_selector.Get("kubernetes.io/os") == "windows");
}

OptBool EffectiveRunAsNonRoot(const PodSpec& pod, const Container& container) {
  return container.security->run_as_non_root != OptBool::kUnset ? container.security->run_as_non_root
                                                                : pod.security->run_as_non_root;
}

OptInt EffectiveRunAsUser(const PodSpec& pod, const Container& container) {
  return container.security->run_as_user.has_value() ? container.security->run_as_user : pod.security->run_as_user;
}

std::string_view EffectiveSeccomp(const PodSpec& pod, const Container& container) {
  return container.security->seccomp_type.empty() ? pod.security->seccomp_type : container.security->seccomp_type;
}

bool IsPrivileged(const PodSpec& pod, const Container& container) {
  return container.security->privileged == OptBool::kTrue || container.security->windows_host_process ||
         pod.security->windows_host_process;
}

}  // namespace seaworthy::checks
