#include "seaworthy/object.h"

#include <algorithm>
#include <cstdio>

namespace seaworthy {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// FNV-1a, 64 bits, with a seed: two seeds give the 128 bits of a uid that is no UUID.
std::uint64_t Fnv(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

bool HasAnyValue(const LabelSelector::Term& term, const Text& value) {
  return std::any_of(term.values.begin(), term.values.end(), [&](const Text& wanted) { return wanted == value; });
}

}  // namespace

Uid Uid::Parse(std::string_view text) {
  Uid uid;
  if (text.empty()) return uid;
  if (text.size() == 36) {
    std::uint64_t words[2] = {0, 0};
    int digits = 0;
    bool canonical = true;
    for (std::size_t i = 0; i < text.size() && canonical; ++i) {
      if (i == 8 || i == 13 || i == 18 || i == 23) {
        canonical = text[i] == '-';
        continue;
      }
      const int digit = HexDigit(text[i]);
      canonical = digit >= 0;
      words[digits / 16] = words[digits / 16] << 4 | static_cast<std::uint64_t>(digit);
      ++digits;
    }
    if (canonical && (words[0] & kVersion) != kVersion) return Uid{words[0], words[1]};
  }
  uid.high = Fnv(text, 0) | kVersion;
  uid.low = Fnv(text, 0x5ea5ea5ea5ea5ea5ULL) | 1;
  return uid;
}

std::string Uid::ToString() const {
  if (!is_uuid()) return {};
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

Labels::Labels(List<KeyValue> pairs) : pairs_(std::move(pairs)) {
  std::stable_sort(pairs_.begin(), pairs_.end(), [](const KeyValue& a, const KeyValue& b) { return a.key < b.key; });
  pairs_.erase(
      std::unique(pairs_.begin(), pairs_.end(), [](const KeyValue& a, const KeyValue& b) { return a.key == b.key; }),
      pairs_.end());
  pairs_.shrink_to_fit();
}

const Text* Labels::Find(std::string_view key) const {
  for (const KeyValue& pair : pairs_) {
    if (pair.key == key) return &pair.value;
  }
  return nullptr;
}

std::string_view Labels::Get(std::string_view key) const {
  const Text* value = Find(key);
  return value == nullptr ? std::string_view() : value->view();
}

bool LabelSelector::Matches(const Labels& labels) const {
  if (!present || invalid) return false;
  for (const Term& term : terms) {
    const Text* value = nullptr;
    for (const KeyValue& pair : labels) {
      if (pair.key == term.key) {
        value = &pair.value;
        break;
      }
    }
    switch (term.op) {
      case Op::kIn:
        if (value == nullptr || !HasAnyValue(term, *value)) return false;
        break;
      case Op::kNotIn:  // an absent key satisfies NotIn (apimachinery labels.Requirement.Matches)
        if (value != nullptr && HasAnyValue(term, *value)) return false;
        break;
      case Op::kExists:
        if (value == nullptr) return false;
        break;
      case Op::kDoesNotExist:
        if (value != nullptr) return false;
        break;
    }
  }
  return true;
}

const OwnerRef* ObjectMeta::Controller() const {
  for (const OwnerRef& owner : owners) {
    if (owner.controller) return &owner;
  }
  return nullptr;
}

}  // namespace seaworthy
