// Claims, volumes, classes; and our own audits as the API server has them.
#include <array>
#include <memory>
#include <utility>

#include "cache/decode_fields.h"
#include "seaworthy/objects.h"
#include "support/canonical_json.h"

namespace seaworthy::cache {
namespace {

// The older spelling of storageClassName, which wins while it is there (core/v1 helpers GetPersistentVolumeClaimClass).
constexpr std::string_view kClassAnnotation = "volume.beta.kubernetes.io/storage-class";

ObjectPtr DecodeClaim(Decoding& d, const Node& node) {
  auto claim = std::make_unique<PersistentVolumeClaim>();
  if (!DecodeMeta(d, node, {}, claim->meta) || !d.ExpectObject(node["spec"], "spec")) return nullptr;
  const Node& spec = node["spec"];
  const Node& status = node["status"];
  const Node& old = node["metadata"]["annotations"][kClassAnnotation];
  const Node& storage_class = old.is_string() ? old : spec["storageClassName"];
  claim->storage_class = d.Str(storage_class);
  claim->has_class = storage_class.is_string();
  claim->volume = d.Str(spec["volumeName"]);
  claim->phase = d.Str(status["phase"]);
  claim->access_modes = d.Strings(spec["accessModes"]);
  claim->requested_bytes = QuantityBytes(spec["resources"]["requests"]["storage"]);
  claim->capacity_bytes = QuantityBytes(status["capacity"]["storage"]);
  claim->conditions = DecodeConditions(d, status["conditions"]);
  return claim;
}

// core/v1 PersistentVolumeSource.
constexpr auto kVolumeSources = std::to_array<std::string_view>({"csi",
                                                                 "local",
                                                                 "hostPath",
                                                                 "nfs",
                                                                 "awsElasticBlockStore",
                                                                 "azureDisk",
                                                                 "azureFile",
                                                                 "cephfs",
                                                                 "cinder",
                                                                 "fc",
                                                                 "flexVolume",
                                                                 "flocker",
                                                                 "gcePersistentDisk",
                                                                 "glusterfs",
                                                                 "iscsi",
                                                                 "photonPersistentDisk",
                                                                 "portworxVolume",
                                                                 "quobyte",
                                                                 "rbd",
                                                                 "scaleIO",
                                                                 "storageos",
                                                                 "vsphereVolume"});

// Volumes in the cloud name a zone or a region; replicated storage names several nodes, or none.
bool PinnedToOneNode(const Node& terms) {
  if (!terms.is_array() || terms.size() != 1) return false;
  for (const Node& expression : (*terms.begin())["matchExpressions"]) {
    std::string_view key = expression["key"].text();
    key = key.substr(key.rfind('/') + 1);  // npos + 1 is 0
    const bool node = key == "hostname" || key == "node" || key == "nodename" || key == "nodeid" || key == "node-id";
    if (node && expression["operator"].text() == "In" && expression["values"].is_array() &&
        expression["values"].size() == 1)
      return true;
  }
  return false;
}

ObjectPtr DecodeVolume(Decoding& d, const Node& node) {
  auto volume = std::make_unique<PersistentVolume>();
  if (!DecodeMeta(d, node, {}, volume->meta) || !d.ExpectObject(node["spec"], "spec")) return nullptr;
  const Node& spec = node["spec"];
  const Node& old = node["metadata"]["annotations"][kClassAnnotation];
  volume->storage_class = d.Str(old.is_string() ? old : spec["storageClassName"]);
  volume->reclaim_policy = d.Str(spec["persistentVolumeReclaimPolicy"]);
  volume->phase = d.Str(node["status"]["phase"]);
  for (std::string_view source : kVolumeSources) {
    if (!spec[source].is_object()) continue;
    volume->source = d.Intern(source);
    break;
  }
  volume->csi_driver = d.Str(spec["csi"]["driver"]);
  volume->claim_namespace = d.Str(spec["claimRef"]["namespace"]);
  volume->claim_name = d.Str(spec["claimRef"]["name"]);
  volume->capacity_bytes = QuantityBytes(spec["capacity"]["storage"]);
  volume->one_node = PinnedToOneNode(spec["nodeAffinity"]["required"]["nodeSelectorTerms"]);
  return volume;
}

ObjectPtr DecodeClass(Decoding& d, const Node& node) {
  auto storage = std::make_unique<StorageClass>();
  if (!DecodeMeta(d, node, {}, storage->meta)) return nullptr;
  storage->provisioner = d.Str(node["provisioner"]);
  storage->reclaim_policy = d.Str(node["reclaimPolicy"]);
  storage->binding_mode = d.Str(node["volumeBindingMode"]);
  storage->expandable = True(node["allowVolumeExpansion"]);
  const Labels& annotations = storage->meta.annotations;
  storage->is_default = annotations.Get("storageclass.kubernetes.io/is-default-class") == "true" ||
                        annotations.Get("storageclass.beta.kubernetes.io/is-default-class") == "true";
  return storage;
}

}  // namespace

ObjectPtr DecodeStorageKind(Decoding& d, Kind kind, const Node& node) {
  if (kind == Kind::kPersistentVolumeClaim) return DecodeClaim(d, node);
  if (kind == Kind::kPersistentVolume) return DecodeVolume(d, node);
  return DecodeClass(d, node);
}

ObjectPtr DecodeAudit(Decoding& d, Kind kind, const Node& node) {
  auto audit = std::make_unique<AuditObject>(kind);
  if (!DecodeMeta(d, node, {}, audit->meta)) return nullptr;
  audit->resource_version = node["metadata"]["resourceVersion"].text();
  if (kind == Kind::kOpenReport) {
    const support::Hash128 hash = support::CanonicalHash(node, kOpenReportMembers);
    audit->status_hash_high = hash.high;
    audit->status_hash_low = hash.low;
    return audit;
  }
  if (const Node& status = node["status"]; status.present()) {
    const support::Hash128 hash = support::CanonicalHash(status);
    audit->status_hash_high = hash.high;
    audit->status_hash_low = hash.low;
    audit->conditions = DecodeConditions(d, status["conditions"]);
    for (const Node& finding : status["findings"]) {
      AuditedFinding one{d.Str(finding["check"]), d.Str(finding["subject"]), d.Str(finding["verdict"]),
                         ParseTimestamp(finding["since"].text())};
      if (!one.verdict.empty()) audit->findings.push_back(std::move(one));
    }
    audit->findings.shrink_to_fit();
    std::string passed;
    for (const Node& id : status["passed"]) {
      if (!passed.empty()) passed += ',';
      passed += id.text();
    }
    audit->passed = d.Intern(passed);
    for (const Node& transition : status["transitions"]) {
      audit->transitions.push_back({d.Str(transition["check"]), d.Str(transition["from"]), d.Str(transition["to"]),
                                    d.Str(transition["cause"]), d.Str(transition["manager"]),
                                    transition["generation"].Int().value_or(0),
                                    ParseTimestamp(transition["when"].text())});
    }
    audit->transitions.shrink_to_fit();
    audit->checklist_hash = d.Str(status["checklistHash"]);
    if (status["evidence"].present()) audit->evidence = support::CanonicalJson(status["evidence"]);
  }
  return audit;
}

}  // namespace seaworthy::cache
