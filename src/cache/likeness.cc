#include "cache/likeness.h"

#include <string_view>

#include "support/hash.h"

namespace seaworthy::cache {
namespace {

class Mixer {
 public:
  Mixer& Add(std::uint64_t value) {
    hash_ = support::CombineHash(hash_, value);
    return *this;
  }
  Mixer& Add(std::string_view text) { return Add(support::Hash64(text)); }
  Mixer& Add(const OptInt& value) { return Add(static_cast<std::uint64_t>(value.value_or(-1))); }
  Mixer& Add(const PortRef& port) { return Add(static_cast<std::uint64_t>(port.number)).Add(port.name.view()); }
  std::uint64_t value() const { return hash_ == 0 ? 1 : hash_; }

 private:
  std::uint64_t hash_ = 0;
};

// Without tag and digest: a colon behind the last slash begins a tag, before it a registry's port.
std::string_view Repository(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
  return image.substr(0, colon);
}

void AddProbe(Mixer& mixer, const Probe& probe) {
  mixer.Add(probe.present ? 1 : 0);
  if (!probe.present) return;
  mixer.Add(probe.handler_hash);
  for (const OptInt* number :
       {&probe.initial_delay, &probe.period, &probe.timeout, &probe.success_threshold, &probe.failure_threshold})
    mixer.Add(*number);
}

void AddContainer(Mixer& mixer, const Container& container) {
  mixer.Add(container.name.view()).Add(Repository(container.image)).Add(static_cast<std::uint64_t>(container.role));
  AddProbe(mixer, container.readiness);
  AddProbe(mixer, container.liveness);
  AddProbe(mixer, container.startup);
  mixer.Add(static_cast<std::uint64_t>(container.pre_stop.action)).Add(container.pre_stop.sleep_seconds);
  mixer.Add(container.ports.size());
  for (const ContainerPort& port : container.ports)
    mixer.Add(port.name.view()).Add(static_cast<std::uint64_t>(port.port)).Add(port.protocol.view());
  mixer.Add(container.mounts.size());
  for (const VolumeMount& mount : container.mounts)
    mixer.Add(mount.name.view()).Add(mount.path.view()).Add(mount.read_only ? 1 : 0);
  mixer.Add(container.has_args ? 1 : 0);
  const SecurityContext& security = container.security;
  mixer.Add(static_cast<std::uint64_t>(security.run_as_non_root))
      .Add(static_cast<std::uint64_t>(security.privileged))
      .Add(static_cast<std::uint64_t>(security.read_only_root));
  mixer.Add(security.run_as_user);
}

}  // namespace

std::uint64_t LikenessOf(const Workload& workload) {
  if (workload.spec == nullptr || workload.meta.Controller() != nullptr) return 0;
  const PodSpec& spec = *workload.spec;
  Mixer mixer;
  mixer.Add(workload.kind_name.view()).Add(workload.meta.name.view());
  mixer.Add(static_cast<std::uint64_t>(workload.strategy)).Add(workload.cron->schedule.view());
  mixer.Add(spec.containers.size());
  for (const Container& container : spec.containers) AddContainer(mixer, container);
  mixer.Add(spec.volumes.size());
  for (const Volume& volume : spec.volumes)
    mixer.Add(volume.name.view()).Add(static_cast<std::uint64_t>(volume.source)).Add(volume.reference.view());
  mixer.Add(spec.service_account.view()).Add(spec.termination_grace).Add(spec.priority_class.view());
  mixer.Add(spec.host_network ? 1 : 0).Add(spec.node_selector.size());
  for (const KeyValue& wanted : spec.node_selector) mixer.Add(wanted.key.view()).Add(wanted.value.view());
  return mixer.value();
}

}  // namespace seaworthy::cache
