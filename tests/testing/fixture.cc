#include "testing/fixture.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cache/decode.h"
#include "cache/time.h"
#include "checks/third_party/kubernetes_releases.h"
#include "score/evidence.h"
#include "score/run_check.h"
#include "seaworthy/report.h"
#include "support/canonical_json.h"
#include "support/yaml.h"
#include "testing/strategic_merge.h"

namespace seaworthy::testing {
namespace {

std::string Trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(" \t\r") - from + 1));
}

}  // namespace

struct Fixture::Parsed {
  struct Document {
    nlohmann::json json;
    Kind kind;
    std::string key;  // kind/namespace/name
  };
  std::vector<Document> documents;
};

Fixture::Fixture(std::string text)
    : text_(std::move(text)), pool_(std::make_unique<TextPool>()), parsed_(std::make_unique<Parsed>()) {
  std::istringstream lines(text_);
  for (std::string line; std::getline(lines, line) && line.starts_with("#");) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    directives_.push_back(
        {Trim(std::string_view(line).substr(1, colon - 1)), Trim(std::string_view(line).substr(colon + 1))});
  }
  decoder_ = cache::MakeDecoder(*pool_);
  support::Tree tree;
  support::YamlDocuments documents(text_);
  while (true) {
    const Result<bool> more = documents.Next(tree);
    if (!more.ok()) {
      error_ = more.status().message();
      return;
    }
    if (!*more) break;
    const support::Node& root = tree.root();
    auto kind = FindKind(root["apiVersion"].text(), root["kind"].text());
    if (const auto* removed = checks::FindRemovedApi(root["apiVersion"].text(), root["kind"].text()))
      kind = removed->kind;
    if (!kind) {
      error_ = "unknown kind " + std::string(root["apiVersion"].text()) + " " + std::string(root["kind"].text());
      return;
    }
    Parsed::Document document;
    document.json = nlohmann::json::parse(support::CanonicalJson(root));
    document.kind = *kind;
    document.key = std::string(root["kind"].text()) + "/" + std::string(root["metadata"]["namespace"].text()) + "/" +
                   std::string(root["metadata"]["name"].text());
    parsed_->documents.push_back(std::move(document));
  }
  Load();
}

Fixture::~Fixture() {
  world_.reset();  // before the pool that its texts come from
}
Fixture::Fixture(Fixture&&) noexcept = default;

Fixture Fixture::FromFile(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return Fixture(text.str());
}

std::vector<std::string> Fixture::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const Directive& directive : directives_) {
    if (directive.name == name) values.push_back(directive.value);
  }
  return values;
}

std::string Fixture::Get(std::string_view name, std::string_view otherwise) const {
  const std::vector<std::string> values = All(name);
  return values.empty() ? std::string(otherwise) : values.front();
}

void Fixture::Load() {
  now_ = WallTime(std::chrono::seconds(cache::ParseTimestamp(Get("now", "2026-11-24T12:00:00Z")).seconds));
  const bool cluster = Get("mode") == "cluster";
  world_ =
      std::make_unique<cache::World>(cluster ? cache::World::Mode::kCluster : cache::World::Mode::kOffline, *pool_);
  if (cluster) {
    world_->Tick(now_);  // what changes between documents of one object is seen happening
    for (const KindInfo& info : KindTable()) {
      world_->Accept({EventType::kInit, info.kind, nullptr, {}});
      world_->Accept({EventType::kInitDone, info.kind, nullptr, {}});
    }
  }
  std::uint64_t version = 0;
  support::Tree tree;
  for (const Parsed::Document& document : parsed_->documents) {
    if (Status status = support::ParseJson(document.json.dump(), tree); !status.ok()) {
      error_ = status.message();
      return;
    }
    Result<ObjectPtr> object = decoder_->Decode(document.kind, tree.root());
    if (!object.ok()) {
      error_ = object.status().message();
      return;
    }
    (*object)->meta.resource_version = ++version;
    world_->Accept({EventType::kApply, document.kind, std::move(*object), {}});
  }
  const std::string evidence = Get("evidence");
  if (!evidence.empty()) {
    score::ParsedEvidence seen = score::ParseEvidence(evidence, *pool_);
    std::string why;
    const SubjectRef ref = Subject(SubjectType::kWorkload, why);
    if (ref.workload == nullptr || (!seen.availability && !seen.smoke_test)) {
      error_ = "the evidence cannot be read, or is about no workload " + why;
      return;
    }
    const Workload& workload = *ref.workload->workload;
    WorkloadRecord* record = world_->MutableWorkload(workload.kind_name, ref.workload->ns->name, workload.meta.name);
    if (seen.availability) record->availability = std::make_unique<AvailabilityEvidence>(*std::move(seen.availability));
    record->smoke_test = std::move(seen.smoke_test);
  }
  RestoreEvidence();
  for (const auto& [name, state] : {std::pair("absent", SourceState::kAbsent),
                                    {"denied", SourceState::kDenied},
                                    {"off", SourceState::kOff},
                                    {"degraded", SourceState::kDegraded},
                                    {"pending", SourceState::kPending}}) {
    for (const std::string& kind : All(name)) {
      for (const KindInfo& info : KindTable()) {
        if (info.name == kind) world_->SetState(info.kind, state);
      }
    }
  }
}

void Fixture::RestoreEvidence() {
  for (const NamespaceRecord* ns : world_->Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      const Workload& workload = *record->workload;
      const auto* audit = static_cast<const AuditObject*>(world_->Find(
          Kind::kWorkloadAudit, {ns->name, pool_->Intern(AuditName(workload.kind_name, workload.meta.name))}));
      if (audit == nullptr) continue;
      score::ParsedEvidence parsed = score::ParseEvidence(audit->evidence, *pool_);
      WorkloadRecord* own = world_->MutableWorkload(workload.kind_name, ns->name, workload.meta.name);
      own->usage = std::move(parsed.usage);
      own->logs = std::move(parsed.logs);
    }
  }
}

SubjectRef Fixture::Subject(SubjectType type, std::string& error) const {
  std::string wanted = Get("subject");
  if (std::count(wanted.begin(), wanted.end(), '/') == 1) {  // kind/name: in whatever namespace
    for (const Parsed::Document& document : parsed_->documents) {
      const std::string& key = document.key;
      if (key.starts_with(wanted.substr(0, wanted.find('/') + 1)) && key.ends_with(wanted.substr(wanted.find('/'))))
        wanted = key;
    }
  }
  std::string first_ns;
  bool has_ns = false;
  for (const Parsed::Document& document : parsed_->documents) {
    if (has_ns || !Info(document.kind).namespaced) continue;
    first_ns = document.json["metadata"].value("namespace", "");
    has_ns = true;
  }
  // Documents are looked through in order: the first of the right type is meant where none is named.
  std::uint32_t best = 0;
  std::size_t best_at = parsed_->documents.size() + 1;
  for (std::uint32_t id = 1; id < world_->SubjectLimit(); ++id) {
    const SubjectRef ref = world_->Subject(id);
    if (score::TypeOf(ref) != type) continue;
    std::string key;
    switch (type) {
      case SubjectType::kWorkload:
        key = ref.workload->workload->kind_name.str() + "/" + ref.workload->ns->name.str() + "/" +
              ref.workload->workload->meta.name.str();
        break;
      case SubjectType::kNamespace: key = ref.ns->name.str(); break;
      case SubjectType::kBudget:
        key = "PodDisruptionBudget/" + ref.ns->name.str() + "/" + ref.budget->budget->meta.name.str();
        break;
      case SubjectType::kNode: key = "Node//" + ref.node->name.str(); break;
      case SubjectType::kCluster: break;
    }
    if (type == SubjectType::kNamespace) {
      const std::string name = wanted.empty() ? first_ns : wanted.substr(wanted.rfind('/') + 1);
      if (key == name) return ref;
      continue;
    }
    if (!wanted.empty()) {
      if (key == wanted) return ref;
      continue;
    }
    std::size_t at = parsed_->documents.size();  // workloads that exist only through their pods come last
    for (std::size_t i = 0; i < parsed_->documents.size(); ++i) {
      if (parsed_->documents[i].key == key) at = i;
    }
    if (at < best_at) {
      best_at = at;
      best = id;
    }
  }
  if (type == SubjectType::kCluster) return {};
  if (best == 0)
    error = "no subject of type " + std::string(SubjectTypeName(type)) + (wanted.empty() ? "" : " named " + wanted);
  return world_->Subject(best);
}

Tier Fixture::tier() const {
  const std::string tier = Get("tier");
  return tier == "critical" ? Tier::kCritical : tier == "auxiliary" ? Tier::kAuxiliary : Tier::kStandard;
}

Fixture Fixture::Patched(SubjectType type, std::string_view patch) const {
  std::string error;
  const SubjectRef ref = Subject(type, error);
  const std::string key = ref.workload == nullptr
                              ? std::string()
                              : ref.workload->workload->kind_name.str() + "/" + ref.workload->ns->name.str() + "/" +
                                    ref.workload->workload->meta.name.str();
  std::string text;
  for (const Directive& directive : directives_) text += "# " + directive.name + ": " + directive.value + "\n";
  for (const Parsed::Document& document : parsed_->documents) {
    nlohmann::json json = document.json;
    if (document.key == key) StrategicMerge(json, nlohmann::json::parse(patch));
    text += "---\n" + json.dump() + "\n";
  }
  return Fixture(text);
}

}  // namespace seaworthy::testing
