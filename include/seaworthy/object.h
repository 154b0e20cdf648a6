// What all watched objects have in common: identity, labels, owners, who changed them.
//
// An Object is a projection: decoding keeps what a check reads and drops the rest. Credentials are turned into facts on
// the way in (see pod_spec.h); annotation values are dropped but for a fixed list (cache/annotations.cc). Objects are
// immutable once decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "seaworthy/kind.h"
#include "seaworthy/list.h"
#include "seaworthy/text.h"

namespace seaworthy {

// An integer field that may be absent, in 8 bytes.
class OptInt {
 public:
  constexpr OptInt() = default;
  constexpr OptInt(std::int64_t value)
      : value_(value) {}  // NOLINT(google-explicit-constructor): reads as an assignment
  constexpr bool has_value() const { return value_ != kUnset; }
  constexpr std::int64_t operator*() const { return value_; }  // REQUIRES: has_value()
  constexpr std::int64_t value_or(std::int64_t other) const { return has_value() ? value_ : other; }
  constexpr bool operator==(const OptInt&) const = default;

 private:
  static constexpr std::int64_t kUnset = std::numeric_limits<std::int64_t>::min();
  std::int64_t value_ = kUnset;
};

// A boolean field that may be absent: the difference matters where Kubernetes inherits or defaults.
enum class OptBool : std::uint8_t { kUnset, kFalse, kTrue };

// Seconds since the epoch, UTC; 0 is "absent". Values from the future or the far past are clamped at decode to +-100
// years of the epoch's meaning, so arithmetic on them cannot overflow.
struct Timestamp {
  std::int64_t seconds = 0;
  constexpr bool set() const { return seconds != 0; }
  constexpr auto operator<=>(const Timestamp&) const = default;
};

// A Kubernetes uid: the 128 bits of a UUID. Other forms (only hand-made objects have them) are hashed, and cannot be
// written back: these have the version 15, which no UUID has (RFC 9562, 4.2).
struct Uid {
  std::uint64_t high = 0, low = 0;
  bool is_uuid() const { return set() && (high & kVersion) != kVersion; }
  bool set() const { return high != 0 || low != 0; }
  bool operator==(const Uid& other) const { return high == other.high && low == other.low; }
  static Uid Parse(std::string_view text);
  std::string ToString() const;  // empty unless is_uuid()

  static constexpr std::uint64_t kVersion = 0xf000;  // the bits of `high` that have it
};

struct KeyValue {
  Text key, value;
  bool operator==(const KeyValue&) const = default;
};

// Sorted by key, keys unique.
class Labels {
 public:
  Labels() = default;
  explicit Labels(List<KeyValue> pairs);
  // nullptr when absent.
  const Text* Find(std::string_view key) const;
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // Empty when absent.
  std::string_view Get(std::string_view key) const;
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }
  std::size_t size() const { return pairs_.size(); }
  bool empty() const { return pairs_.empty(); }
  bool operator==(const Labels&) const = default;

 private:
  List<KeyValue> pairs_;
};

// metav1.LabelSelector, with ANDed terms. `present` tells an absent selector (matches nothing in most APIs) from an
// empty one ({}: matches all).
struct LabelSelector {
  enum class Op : std::uint8_t { kIn, kNotIn, kExists, kDoesNotExist };
  struct Term {
    Text key;
    Op op = Op::kIn;
    List<Text> values;
    bool operator==(const Term&) const = default;
  };
  List<Term> terms;
  bool present = false;
  bool invalid = false;  // an operator that does not exist, or In without values: matches nothing

  // An absent or invalid selector matches nothing; an empty one everything.
  bool Matches(const Labels& labels) const;
  bool empty() const { return terms.empty(); }
  bool operator==(const LabelSelector&) const = default;
};

struct OwnerRef {
  Text api_version, kind, name;
  Uid uid;
  bool controller = false;
  bool operator==(const OwnerRef&) const = default;
};

// One managedFields entry, reduced to what the checks about delivery ask.
struct FieldManager {
  Text name;
  Text subresource;
  Text api_version;
  Timestamp time;
  bool apply = false;          // operation Apply, else Update
  bool owns_template = false;  // spec.template (or spec.jobTemplate): something in it
  bool owns_replicas = false;  // spec.replicas
  bool operator==(const FieldManager&) const = default;
};

struct ObjectMeta {
  Text namespace_;  // empty for cluster-scoped objects, and for manifests that name none
  Text name;
  Uid uid;
  std::uint64_t resource_version = 0;  // opaque but for equality; numeric where the server's is (all of today's are)
  std::int64_t generation = 0;
  Timestamp created, deleted;
  OptInt deletion_grace_seconds;
  Labels labels;
  Labels annotations;  // the fixed list only
  List<OwnerRef> owners;
  List<Text> finalizers;
  List<FieldManager> managers;  // kinds of workloads only
  // The API version in which somebody, no controller, wrote it last, where that is not one that it is read in
  // ("batch/v1beta1"); else empty. Of the kinds that were once served in other versions.
  Text written_in;

  // The owner with controller: true; nullptr when none.
  const OwnerRef* Controller() const;
};

// Where a manifest stands: set by `scan` only. `file` indexes the loader's list of files.
struct SourceRef {
  std::int32_t file = -1;
  std::uint32_t line = 0;  // of the object's first key
  bool set() const { return file >= 0; }
};

// (kind, namespace, name): how objects and subjects are addressed. The texts keep the key alive by themselves.
struct ObjectKey {
  Text namespace_, name;
  bool operator==(const ObjectKey&) const = default;
  auto operator<=>(const ObjectKey&) const = default;
};

class Object {
 public:
  explicit Object(Kind kind_of) : kind(kind_of) {}
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  Object(Object&&) = default;
  // The kind stays: only objects of one kind are assigned to each other.
  Object& operator=(Object&& other) noexcept {
    meta = std::move(other.meta);
    source = other.source;
    return *this;
  }

  ObjectKey key() const { return {meta.namespace_, meta.name}; }
  // Heap bytes of this projection, shared texts not counted.
  virtual std::size_t resident_bytes() const = 0;

  const Kind kind;
  ObjectMeta meta;
  SourceRef source;
};

using ObjectPtr = std::unique_ptr<Object>;

}  // namespace seaworthy

template <>
struct std::hash<seaworthy::ObjectKey> {
  std::size_t operator()(const seaworthy::ObjectKey& key) const noexcept {
    return key.namespace_.hash() * 0x9e3779b97f4a7c15ULL + key.name.hash();
  }
};
