#include "cache/spec_table.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
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

// What is hashed is gathered first: whole words are hashed much faster than pieces of them.
void AddText(std::string& out, std::string_view text) {
  const std::uint64_t size = text.size();
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  out.append(bytes, sizeof bytes).append(text);
}

// Closes a container in what is hashed.
constexpr char kEnd = '\x1e';

support::Hash128 HashOf(std::string_view text, const support::Hash128& secret) {
  SipHash hash(secret);
  hash.Add(text);
  return hash.Finish();
}

// Everything of `node` in document order, which for a server's output is always the same. Containers are closed, so no
// two trees read alike.
void AddTree(std::string& out, const Node& root, std::vector<const Node*>& pending) {
  // nullptr marks the end of a container.
  pending.assign(1, &root);
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    if (node == nullptr) {
      out += kEnd;
      continue;
    }
    out += static_cast<char>(node->type());
    AddText(out, node->key());
    if (node->is_object() || node->is_array()) {
      pending.push_back(nullptr);
      const std::size_t first = pending.size();
      for (const Node& child : *node) pending.push_back(&child);
      std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
    } else if (node->type() == NodeType::kBool) {
      out += *node->Bool() ? 't' : 'f';
    } else {
      AddText(out, node->text());
    }
  }
}

class SpecHasher {
 public:
  SpecHasher(const support::Hash128& secret, bool daemon_pod) : hash_(secret), daemon_pod_(daemon_pod) {
    pending_.reserve(64);
    text_.reserve(4096);
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
    hash_.Add(text_);
    return hash_.Finish();
  }

 private:
  void Add(const Node& node) { AddTree(text_, node, pending_); }
  void Open(std::string_view key) {
    text_ += '\x1d';
    AddText(text_, key);
  }
  void Close() { text_ += kEnd; }

  // A volume or a mount, its name made stable.
  void AddNamed(const Node& node) {
    if (!node.is_object()) return Add(node);
    Open({});
    for (const Node& field : node) {
      if (field.key() == "name" && field.is_string()) {
        text_ += '\x1c';
        AddText(text_, StableVolumeName(field.text()));
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
  std::string text_;
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

std::string_view TokenVolumeName(const Node& spec) {
  for (const Node& volume : spec["volumes"]) {
    const std::string_view name = volume["name"].text();
    if (name == StableVolumeName(name)) continue;
    for (const Node& source : volume["projected"]["sources"]) {
      if (source["serviceAccountToken"].is_object()) return name;
    }
  }
  return {};
}

support::Hash128 ContainerKey(const Node& container, std::string_view token_volume, const support::Hash128& secret) {
  std::string text;
  text.reserve(2048);
  std::vector<const Node*> pending;
  for (const Node& field : container) {
    if (token_volume.empty() || field.key() != "volumeMounts") {
      AddTree(text, field, pending);
      continue;
    }
    bool any = false;
    for (const Node& mount : field) {
      if (mount["name"].text() == token_volume) continue;
      // As AddTree begins the whole list.
      if (!std::exchange(any, true)) {
        text += static_cast<char>(field.type());
        AddText(text, field.key());
      }
      AddTree(text, mount, pending);
    }
    if (any) text += kEnd;
  }
  return HashOf(text, secret);
}

support::Hash128 PartKey(const Node& part, const Node& beside, const support::Hash128& secret) {
  std::string text;
  text.reserve(512);
  std::vector<const Node*> pending;
  AddTree(text, part, pending);
  if (beside.present()) AddTree(text, beside, pending);
  return HashOf(text, secret);
}

support::Hash128 SpecKey(const Node& spec, const support::Hash128& secret, bool daemon_pod) {
  return SpecHasher(secret, daemon_pod).Run(spec);
}

}  // namespace seaworthy::cache
