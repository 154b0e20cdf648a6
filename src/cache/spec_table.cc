#include "cache/spec_table.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace seaworthy::cache {
namespace {

using support::Node;
using support::NodeType;
using support::SipHash;

// Only the key of a hash table: what is decoded does not depend on it.
std::uint64_t Random() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

void AddText(SipHash& hash, std::string_view text) {
  hash.Add(text.size());
  hash.Add(text);
}

// Everything of `node` in document order, which for a server's output is always the same. Containers are closed, so no
// two trees read alike.
void AddTree(SipHash& hash, const Node& root, std::vector<const Node*>& pending) {
  // nullptr marks the end of a container.
  pending.assign(1, &root);
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    if (node == nullptr) {
      hash.Add(std::string_view("\x1e", 1));
      continue;
    }
    const char type = static_cast<char>(node->type());
    hash.Add(std::string_view(&type, 1));
    AddText(hash, node->key());
    if (node->is_object() || node->is_array()) {
      pending.push_back(nullptr);
      const std::size_t first = pending.size();
      for (const Node& child : *node) pending.push_back(&child);
      std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
    } else if (node->type() == NodeType::kBool) {
      hash.Add(*node->Bool() ? std::string_view("t") : std::string_view("f"));
    } else {
      AddText(hash, node->text());
    }
  }
}

class SpecHasher {
 public:
  SpecHasher(const support::Hash128& secret, bool daemon_pod) : hash_(secret), daemon_pod_(daemon_pod) {
    pending_.reserve(64);
  }

  support::Hash128 Run(const Node& spec) {
    for (const Node& field : spec) {
      const std::string_view key = field.key();
      if (key == "nodeName" || key == "hostname" || key == "subdomain") continue;
      if (key == "volumes") {
        Open(key);
        for (const Node& volume : field) AddNamed(volume);
        Close();
      } else if (key == "containers" || key == "initContainers" || key == "ephemeralContainers") {
        Open(key);
        for (const Node& container : field) AddContainer(container);
        Close();
      } else if (key == "affinity" && daemon_pod_) {
        AddDaemonAffinity(field);
      } else {
        Add(field);
      }
    }
    return hash_.Finish();
  }

 private:
  void Add(const Node& node) { AddTree(hash_, node, pending_); }
  void Open(std::string_view key) {
    hash_.Add(std::string_view("\x1d", 1));
    AddText(hash_, key);
  }
  void Close() { hash_.Add(std::string_view("\x1e", 1)); }

  // A volume or a mount, its name made stable.
  void AddNamed(const Node& node) {
    if (!node.is_object()) return Add(node);
    Open({});
    for (const Node& field : node) {
      if (field.key() == "name" && field.is_string()) {
        hash_.Add(std::string_view("\x1c", 1));
        AddText(hash_, StableVolumeName(field.text()));
      } else {
        Add(field);
      }
    }
    Close();
  }

  void AddContainer(const Node& container) {
    if (!container.is_object()) return Add(container);
    Open({});
    for (const Node& field : container) {
      if (field.key() != "volumeMounts") {
        Add(field);
        continue;
      }
      Open("volumeMounts");
      for (const Node& mount : field) AddNamed(mount);
      Close();
    }
    Close();
  }

  // Only the required node affinity's matchFields are looked into; all else is added as it is.
  void AddDaemonAffinity(const Node& affinity) {
    const Node& terms = affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
    Open("affinity");
    for (const Node& term : terms) {
      Open({});
      for (const Node& requirement : term["matchFields"]) {
        if (!IsNodePin(requirement)) Add(requirement);
      }
      Add(term["matchExpressions"]);
      Close();
    }
    Add(affinity["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]);
    Add(affinity["podAffinity"]);
    Add(affinity["podAntiAffinity"]);
    Close();
  }

  SipHash hash_;
  bool daemon_pod_;
  std::vector<const Node*> pending_;
};

}  // namespace

SpecTable::SpecTable() : secret_{Random(), Random()} {}

PodSpecPtr SpecTable::Find(const support::Hash128& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = specs_.find(key);
  return found == specs_.end() ? nullptr : found->second.lock();
}

PodSpecPtr SpecTable::Insert(const support::Hash128& key, PodSpecPtr spec) {
  const std::lock_guard lock(mutex_);
  auto [entry, is_new] = specs_.try_emplace(key, spec);
  if (!is_new) {
    if (PodSpecPtr other = entry->second.lock()) return other;
    entry->second = spec;
    return spec;
  }
  // Sweeping when the table has doubled costs O(1) an insertion, and dead entries never outnumber live ones for long.
  if (specs_.size() >= sweep_at_) {
    std::erase_if(specs_, [](const auto& item) { return item.second.expired(); });
    sweep_at_ = std::max(kFirstSweep, specs_.size() * 2);
  }
  return spec;
}

std::size_t SpecTable::size() const {
  const std::lock_guard lock(mutex_);
  return specs_.size();
}

std::string_view StableVolumeName(std::string_view name) {
  return name.substr(0, kTokenVolumePrefix.size()) == kTokenVolumePrefix ? kTokenVolume : name;
}

bool IsNodePin(const Node& requirement) {
  return requirement["key"].text() == "metadata.name" && requirement["operator"].text() == "In" &&
         requirement["values"].is_array() && requirement["values"].size() == 1;
}

support::Hash128 SpecKey(const Node& spec, const support::Hash128& secret, bool daemon_pod) {
  return SpecHasher(secret, daemon_pod).Run(spec);
}

}  // namespace seaworthy::cache
