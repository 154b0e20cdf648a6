// What all decode_*.cc share: the state of one decoding, and readers for single fields.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/annotations.h"
#include "cache/spec_table.h"
#include "cache/time.h"
#include "seaworthy/object.h"
#include "seaworthy/pod_spec.h"
#include "seaworthy/text.h"
#include "seaworthy/workload.h"
#include "support/json.h"

namespace seaworthy::cache {

using support::Node;

// More than any name, image or label may have; longer ones come only from objects made to fill memory.
inline constexpr std::size_t kMaxText = 2048;

// One Decode call. The first error is kept: "spec.template: not an object".
struct Decoding {
  TextPool& pool;
  SpecTable& specs;
  std::string error;

  bool failed() const { return !error.empty(); }
  void Fail(std::string_view path, std::string_view what) {
    if (failed()) return;
    error = path;
    error += ": ";
    error += what;
  }
  // False, and an error, for a field that is there and is no object. An absent one is fine.
  bool ExpectObject(const Node& node, std::string_view path) {
    if (node.present() && !node.is_object()) Fail(path, "not an object");
    return !failed();
  }

  Text Intern(std::string_view text) const { return pool.Intern(CutUtf8(text, kMaxText)); }
  // Of a string, and of a number, which users forget to quote.
  Text Str(const Node& node) const { return Intern(node.text()); }
  // Of the values of maps of strings (labels): `enabled: true` without quotes is read as it was meant.
  Text Loose(const Node& node) const {
    if (const auto flag = node.Bool()) return Intern(*flag ? "true" : "false");
    return Str(node);
  }
  List<Text> Strings(const Node& list) const {
    List<Text> texts;
    texts.reserve(list.is_array() ? list.size() : 0);
    if (!list.is_array()) return texts;
    for (const Node& element : list) texts.push_back(Loose(element));
    return texts;
  }
  Labels Map(const Node& map) const {
    List<KeyValue> pairs;
    if (!map.is_object()) return {};
    pairs.reserve(map.size());
    for (const Node& member : map) pairs.push_back({Intern(member.key()), Loose(member)});
    return Labels(std::move(pairs));
  }
};

inline OptInt Int(const Node& node) {
  const auto value = node.Int();
  // The least integer is OptInt's "unset"; no field can hold it.
  return value ? OptInt(std::max(*value, std::numeric_limits<std::int64_t>::min() + 1)) : OptInt();
}
inline std::int32_t Int32(const Node& node, std::int32_t otherwise = 0) {
  const auto value = node.Int();
  if (!value) return otherwise;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(*value, std::numeric_limits<std::int32_t>::min(),
                                                            std::numeric_limits<std::int32_t>::max()));
}
inline bool True(const Node& node) { return node.Bool().value_or(false); }
inline OptBool Flag(const Node& node) {
  const auto value = node.Bool();
  return !value ? OptBool::kUnset : *value ? OptBool::kTrue : OptBool::kFalse;
}
inline Timestamp Time(const Node& node) { return node.is_string() ? ParseTimestamp(node.text()) : Timestamp(); }

// --- decode_common.cc ---
LabelSelector DecodeSelector(const Decoding& d, const Node& node);
// A Service's or a map's {key: value, ...}: present only when it is not empty.
LabelSelector DecodeMapSelector(const Decoding& d, const Node& node);
Condition DecodeCondition(const Decoding& d, const Node& node);
List<Condition> DecodeConditions(const Decoding& d, const Node& list);
IntOrPercent DecodeIntOrPercent(const Node& node);
PortRef DecodePortRef(const Decoding& d, const Node& node);
ResourceAmounts DecodeAmounts(const Decoding& d, const Node& list);
Resources DecodeResources(const Decoding& d, const Node& node);
OptInt QuantityBytes(const Node& node);

// --- decode_meta.cc ---
struct MetaOptions {
  bool managers = false;
  List<CredentialFact>* annotation_credentials = nullptr;
};
// False: d has the error.
bool DecodeMeta(Decoding& d, const Node& object, const MetaOptions& options, ObjectMeta& meta);

// --- decode_pod_spec.cc, decode_container.cc, decode_scheduling.cc ---
// Whose spec it is: what the API server and the controllers add to a pod is undone, so that pods of one template are
// equal.
enum class SpecOf : std::uint8_t { kTemplate, kPod, kDaemonPod };
// Null: d has the error. `path` is "spec.template.spec".
PodSpecPtr DecodePodSpec(Decoding& d, const Node& spec, std::string_view path, SpecOf of);
// Mounts of `token_volume` are left out (spec_table.h TokenVolumeName).
bool DecodeContainer(Decoding& d, const Node& node, std::string_view path, ContainerRole role,
                     std::string_view token_volume, Container& container);
Shared<SecurityContext> SharedSecurityContext(const Decoding& d, const Node& node);
Shared<Resources> SharedResources(const Decoding& d, const Node& node);
void DecodeScheduling(const Decoding& d, const Node& spec, SpecOf of, PodSpec& pod);

// --- per kind; false or null: d has the error ---
ObjectPtr DecodeWorkload(Decoding& d, Kind kind, const Node& node);
// What an Argo Rollout says of its pods; null where a Deployment says it, and with an error in d.
std::unique_ptr<const Workload> DecodeRollout(Decoding& d, const Node& node);
ObjectPtr DecodePod(Decoding& d, const Node& node);
ObjectPtr DecodeNode(Decoding& d, const Node& node);
ObjectPtr DecodeNetworkKind(Decoding& d, Kind kind,
                            const Node& node);                         // Service, EndpointSlice, Ingress, NetworkPolicy
ObjectPtr DecodePolicyKind(Decoding& d, Kind kind, const Node& node);  // PDB, HPA, quotas, bindings, classes, ...
ObjectPtr DecodeStorageKind(Decoding& d, Kind kind, const Node& node);
ObjectPtr DecodeAudit(Decoding& d, Kind kind, const Node& node);
ObjectPtr DecodePeoplesKind(Decoding& d, Kind kind, const Node& node);  // policies, attestations, waivers
ObjectPtr DecodeExtension(Decoding& d, Kind kind, const Node& node);

}  // namespace seaworthy::cache
