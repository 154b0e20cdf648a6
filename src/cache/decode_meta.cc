// metadata, of every kind.
#include <charconv>
#include <utility>

#include "cache/decode_fields.h"
#include "support/sip_hash.h"

namespace seaworthy::cache {
namespace {

// Opaque to clients; a number in every API server of today. Others are hashed, so that equality still means something.
std::uint64_t DecodeResourceVersion(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || (code == std::errc() && end == text.data() + text.size())) return value;
  support::SipHash hash;
  hash.Add(text);
  return hash.Finish().low | 1;
}

List<OwnerRef> DecodeOwners(const Decoding& d, const Node& list) {
  List<OwnerRef> owners;
  if (!list.is_array()) return owners;
  owners.reserve(list.size());
  for (const Node& node : list) {
    owners.push_back({d.Str(node["apiVersion"]), d.Str(node["kind"]), d.Str(node["name"]),
                      Uid::Parse(node["uid"].text()), True(node["controller"])});
  }
  return owners;
}

List<FieldManager> DecodeManagers(const Decoding& d, const Node& list) {
  List<FieldManager> managers;
  if (!list.is_array()) return managers;
  managers.reserve(list.size());
  for (const Node& node : list) {
    FieldManager manager;
    manager.name = d.Str(node["manager"]);
    manager.subresource = d.Str(node["subresource"]);
    manager.api_version = d.Str(node["apiVersion"]);
    manager.time = Time(node["time"]);
    manager.apply = node["operation"].text() == "Apply";
    // Below these the reader has pruned the fields; that they are there says enough.
    const Node& spec = node["fieldsV1"]["f:spec"];
    manager.owns_template = spec["f:template"].present() || spec["f:jobTemplate"].present();
    manager.owns_replicas = spec["f:replicas"].present();
    managers.push_back(std::move(manager));
  }
  return managers;
}

}  // namespace

bool DecodeMeta(Decoding& d, const Node& object, const MetaOptions& options, ObjectMeta& meta) {
  if (!object.is_object()) {
    d.Fail("object", "not an object");
    return false;
  }
  const Node& node = object["metadata"];
  if (!node.is_object()) {
    d.Fail("metadata", node.present() ? "not an object" : "missing");
    return false;
  }
  const Node* owners = nullptr;
  const Node* generate_name = nullptr;
  const Node* managed = nullptr;
  const Node* annotations = nullptr;
  for (const Node& field : node) {
    const std::string_view key = field.key();
    if (key == "name") {
      if (field.present() && !field.is_string()) d.Fail("metadata.name", "not a string");
      meta.name = d.Str(field);
    } else if (key == "namespace") {
      if (field.present() && !field.is_string()) d.Fail("metadata.namespace", "not a string");
      meta.namespace_ = d.Str(field);
    } else if (key == "generateName") {
      generate_name = &field;
    } else if (key == "uid") {
      meta.uid = Uid::Parse(field.text());
    } else if (key == "resourceVersion") {
      meta.resource_version = DecodeResourceVersion(field.text());
    } else if (key == "generation") {
      meta.generation = field.Int().value_or(0);
    } else if (key == "creationTimestamp") {
      meta.created = Time(field);
    } else if (key == "deletionTimestamp") {
      meta.deleted = Time(field);
    } else if (key == "deletionGracePeriodSeconds") {
      meta.deletion_grace_seconds = Int(field);
    } else if (key == "labels") {
      if (!d.ExpectObject(field, "metadata.labels")) return false;
      meta.labels = d.Map(field);
    } else if (key == "annotations") {
      annotations = &field;
    } else if (key == "ownerReferences") {
      owners = &field;
    } else if (key == "finalizers") {
      meta.finalizers = d.Strings(field);
    } else if (key == "managedFields") {
      managed = &field;
    }
  }
  // A manifest to be created has a prefix only; it serves as the name, and the API server would append to it.
  if (meta.name.empty() && generate_name != nullptr) meta.name = d.Str(*generate_name);
  if (meta.name.empty()) d.Fail("metadata.name", "missing");
  if (d.failed()) return false;
  if (owners != nullptr) meta.owners = DecodeOwners(d, *owners);
  if (annotations != nullptr && annotations->is_object()) {
    meta.annotations = KeepAnnotations(*annotations, d.pool, options.annotation_credentials);
  }
  if (managed != nullptr && options.managers) meta.managers = DecodeManagers(d, *managed);
  return true;
}

}  // namespace seaworthy::cache
