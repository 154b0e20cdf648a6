#include "wiring/sources/image_evidence.h"

#include <algorithm>
#include <map>
#include <utility>

#include "checks/common/image_reference.h"
#include "seaworthy/extension.h"
#include "support/canonical_json.h"
#include "support/hash.h"
#include "support/json.h"
#include "wiring/sources/registry_protocol.h"

namespace seaworthy::wiring {
namespace {

// More would be a pod with more containers than anybody runs.
constexpr std::size_t kMost = 32;

const Extension* FactsOf(const cache::World& world, std::string_view digest) {
  const auto facts = world.Objects(Kind::kImageConfig);
  const auto at =
      std::lower_bound(facts.begin(), facts.end(), digest,
                       [](const Object* object, std::string_view wanted) { return object->meta.name.view() < wanted; });
  return at == facts.end() || (*at)->meta.name != digest ? nullptr : static_cast<const Extension*>(*at);
}

std::string FactText(const Extension& facts) {
  std::string text = "{\"created\":" + std::to_string(facts.IntAt("created").value_or(0));
  const std::vector<const Extension::Fact*> leftovers = facts.All("leftovers[]");
  if (!leftovers.empty()) {
    text += ",\"leftovers\":[";
    for (const Extension::Fact* one : leftovers) {
      if (text.back() != '[') text += ',';
      support::AppendJsonString(text, one->value);
    }
    text += ']';
  }
  return text + "}";
}

}  // namespace

std::string AddImages(std::string evidence, const cache::World& world, const WorkloadRecord& record) {
  if (world.Objects(Kind::kImageConfig).empty()) return evidence;
  std::map<std::string_view, std::string> texts;
  for (const Pod* pod : record.pods) {
    for (const ContainerStatus& status : pod->containers) {
      const std::string_view digest = checks::DigestOfImageId(status.image_id);
      if (digest.empty() || texts.contains(digest) || texts.size() == kMost) continue;
      const Extension* facts = FactsOf(world, digest);
      // What could not be had may be had next time.
      if (facts != nullptr && !facts->Has("problem")) texts.emplace(digest, FactText(*facts));
    }
  }
  if (texts.empty()) return evidence;
  if (evidence.empty()) evidence = "{}";
  evidence.pop_back();
  if (evidence.size() > 1) evidence += ',';
  evidence += "\"images\":{";
  for (const auto& [digest, text] : texts) {
    if (evidence.back() != '{') evidence += ',';
    support::AppendJsonString(evidence, digest);
    evidence += ':' + text;
  }
  return evidence + "}}";
}

std::vector<WatchEvent> ReadImages(std::string_view evidence, const ObjectDecoder& decoder) {
  std::vector<WatchEvent> events;
  support::Tree tree;
  if (evidence.find("\"images\"") == std::string_view::npos || !support::ParseJson(evidence, tree).ok()) return events;
  support::Tree one;
  for (const support::Node& image : tree.root()["images"]) {
    if (!IsDigest(image.key()) || events.size() == kMost) continue;
    std::string text = support::CanonicalJson(image);
    if (!text.ends_with('}') || text.size() < 3) continue;
    text.pop_back();
    text += ",\"metadata\":{\"name\":";
    support::AppendJsonString(text, image.key());
    text += "}}";
    if (!support::ParseJson(text, one).ok()) continue;
    Result<ObjectPtr> decoded = decoder.Decode(Kind::kImageConfig, one.root());
    if (!decoded.ok()) continue;
    (*decoded)->meta.resource_version = support::Hash64(text) | 1;
    events.push_back({EventType::kApply, Kind::kImageConfig, *std::move(decoded), {}});
  }
  return events;
}

}  // namespace seaworthy::wiring
