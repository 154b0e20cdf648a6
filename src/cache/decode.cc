#include "cache/decode.h"

#include <atomic>
#include <string>
#include <utility>

#include "cache/custom_facts.h"
#include "cache/decode_fields.h"
#include "cache/spec_table.h"

namespace seaworthy::cache {
namespace {

ObjectPtr DecodeKind(Decoding& d, Kind kind, const Node& node) {
  switch (kind) {
    case Kind::kDeployment:
    case Kind::kStatefulSet:
    case Kind::kDaemonSet:
    case Kind::kCronJob:
    case Kind::kJob:
    case Kind::kReplicaSet: return DecodeWorkload(d, kind, node);
    case Kind::kPod: return DecodePod(d, node);
    case Kind::kNode: return DecodeNode(d, node);
    case Kind::kService:
    case Kind::kEndpointSlice:
    case Kind::kIngress:
    case Kind::kNetworkPolicy: return DecodeNetworkKind(d, kind, node);
    case Kind::kPersistentVolumeClaim:
    case Kind::kPersistentVolume:
    case Kind::kStorageClass: return DecodeStorageKind(d, kind, node);
    case Kind::kNamespace:
    case Kind::kPodDisruptionBudget:
    case Kind::kHorizontalPodAutoscaler:
    case Kind::kServiceAccount:
    case Kind::kRoleBinding:
    case Kind::kClusterRoleBinding:
    case Kind::kLimitRange:
    case Kind::kResourceQuota:
    case Kind::kPriorityClass: return DecodePolicyKind(d, kind, node);
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit:
    case Kind::kOpenReport: return DecodeAudit(d, kind, node);
    case Kind::kAuditPolicy:
    case Kind::kAttestation:
    case Kind::kClusterAttestation:
    case Kind::kWaiver:
    case Kind::kClusterWaiver: return DecodePeoplesKind(d, kind, node);
    case Kind::kCount: break;
    default: return DecodeExtension(d, kind, node);
  }
  d.Fail("kind", "is not decoded");
  return nullptr;
}

// Kinds that were served in other versions once, and that people write.
constexpr KindSet kVersioned = {Kind::kDeployment,
                                Kind::kStatefulSet,
                                Kind::kDaemonSet,
                                Kind::kReplicaSet,
                                Kind::kCronJob,
                                Kind::kIngress,
                                Kind::kNetworkPolicy,
                                Kind::kPodDisruptionBudget,
                                Kind::kHorizontalPodAutoscaler};

// Each writer's entry has the version in which it wrote last. Controllers write too, later and in their own;
// "ancient-changes" are of several.
Text WrittenIn(const Decoding& d, Kind kind, const Node& object) {
  // Of a manifest that no server takes any more.
  std::string_view version = object["apiVersion"].text();
  if (!version.empty() && FindKind(version, Info(kind).name) != kind) return d.Intern(version);
  const Node& metadata = object["metadata"];
  version = {};
  Timestamp newest;
  for (const Node& entry : metadata["managedFields"]) {
    const std::string_view manager = entry["manager"].text();
    if (!entry["subresource"].text().empty() || manager.starts_with("kube-controller-manager") ||
        manager == "ancient-changes")
      continue;
    const Timestamp time = Time(entry["time"]);
    if (!version.empty() && time < newest) continue;
    version = entry["apiVersion"].text();
    newest = time;
  }
  if (version.empty()) version = LastAppliedApiVersion(metadata["annotations"][kLastApplied].text());
  return version.empty() || FindKind(version, Info(kind).name) == kind ? Text() : d.Intern(version);
}

// "Deployment shop/web", with what can be read of the metadata.
std::string Describe(Kind kind, const Node& node) {
  std::string text(Info(kind).name);
  const Node& meta = node["metadata"];
  const std::string_view ns = CutUtf8(meta["namespace"].text(), 253), name = CutUtf8(meta["name"].text(), 253);
  if (ns.empty() && name.empty()) return text;
  text += ' ';
  if (!ns.empty()) {
    text += ns;
    text += '/';
  }
  text += name.empty() ? std::string_view("?") : name;
  return text;
}

class Decoder final : public ObjectDecoder {
 public:
  explicit Decoder(TextPool& pool) : pool_(pool) {}

  Result<ObjectPtr> Decode(Kind kind, const Node& node) const override {
    Decoding decoding{pool_, specs_, {}};
    ObjectPtr object = DecodeKind(decoding, kind, node);
    if (object != nullptr && kVersioned.Has(kind)) object->meta.written_in = WrittenIn(decoding, kind, node);
    if (object != nullptr && !decoding.failed()) {
      // Without custom checks, which is the rule, this is all that they cost.
      if (has_rules_.load(std::memory_order_acquire)) {
        if (const CustomRulesPtr rules = rules_.load()) AttachCustomFacts(*rules, node, *object);
      }
      return object;
    }
    if (decoding.error.empty()) decoding.error = "is not decoded";
    return Status(Code::kInvalidArgument, Describe(kind, node) + ": " + decoding.error);
  }

  void Use(CustomRulesPtr rules) override {
    const bool any = rules != nullptr;
    rules_.store(std::move(rules));
    has_rules_.store(any, std::memory_order_release);
  }

 private:
  TextPool& pool_;
  mutable SpecTable specs_;  // thread-safe by itself
  std::atomic<bool> has_rules_ = false;
  std::atomic<CustomRulesPtr> rules_;
};

}  // namespace

std::unique_ptr<ObjectDecoder> MakeDecoder(TextPool& pool) { return std::make_unique<Decoder>(pool); }

}  // namespace seaworthy::cache
