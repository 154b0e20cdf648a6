#include "cache/people_rules.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seaworthy::cache {
namespace {

using support::Node;

enum class Type : std::uint8_t {
  kString,
  kStrings,
  kBool,
  kInteger,
  kNumber,
  kNumbers,  // a map of maps of numbers
  kMap,      // a map of strings
  kObject,
  kObjects,
  kAny,
};
struct Field {
  std::string_view path;  // elements of lists are "[]"
  Type type = Type::kString;
  enum class Need : std::uint8_t { kOptional, kRequired, kClusterWide } need = Need::kOptional;
  double least = 0, most = 0;  // of a number; equal: any
};
using enum Field::Need;

// Of attestations and waivers: which workloads they are about.
constexpr Field kScope[] = {{"namespaces", Type::kStrings, kClusterWide},
                            {"workloads", Type::kObjects},
                            {"workloads[].kind", Type::kString, kRequired},
                            {"workloads[].name", Type::kString, kRequired},
                            {"selector", Type::kObject},
                            {"selector.matchLabels", Type::kMap},
                            {"selector.matchExpressions", Type::kAny}};
constexpr Field kAttestation[] = {{"checks", Type::kStrings, kRequired},
                                  {"by", Type::kString, kRequired},
                                  {"performedAt", Type::kString, kRequired},
                                  {"validFor", Type::kString},
                                  {"evidence", Type::kString},
                                  {"note", Type::kString},
                                  {"forImage", Type::kString},
                                  {"forGeneration", Type::kInteger, kOptional, 1, 9e15}};
constexpr Field kWaiver[] = {
    {"checks", Type::kStrings},           {"sections", Type::kStrings},         {"nodes", Type::kStrings, kClusterWide},
    {"containers", Type::kStrings},       {"reason", Type::kString, kRequired}, {"owner", Type::kString},
    {"expires", Type::kString, kRequired}};
// What a custom check lacks is said with the check (score/custom.cc).
constexpr Field kPolicy[] = {{"profile", Type::kString},
                             {"threshold", Type::kInteger, kOptional, 0, 100},
                             {"coverageFloor", Type::kNumber, kOptional, 0, 1},
                             {"disabled", Type::kStrings},
                             {"severities", Type::kMap},
                             {"params", Type::kNumbers},
                             {"tiers", Type::kObjects},
                             {"tiers[].tier", Type::kString, kRequired},
                             {"tiers[].namespaceSelector", Type::kObject},
                             {"tiers[].namespaceSelector.matchLabels", Type::kMap},
                             {"tiers[].namespaceSelector.matchExpressions", Type::kAny},
                             {"tiers[].selector", Type::kObject},
                             {"tiers[].selector.matchLabels", Type::kMap},
                             {"tiers[].selector.matchExpressions", Type::kAny},
                             {"systemNamespaces", Type::kStrings},
                             {"allow", Type::kObject},
                             {"allow.workloadTiers", Type::kBool},
                             {"allow.waiverAnnotations", Type::kBool},
                             {"allow.roles", Type::kBool},
                             {"managers", Type::kObject},
                             {"managers.pipeline", Type::kStrings},
                             {"managers.interactive", Type::kStrings},
                             {"waiverMaxDays", Type::kInteger, kOptional, 1, 3650},
                             {"customChecks", Type::kObjects},
                             {"customChecks[].id", Type::kString},
                             {"customChecks[].severity", Type::kString},
                             {"customChecks[].section", Type::kString},
                             {"customChecks[].kinds", Type::kStrings},
                             {"customChecks[].message", Type::kString},
                             {"customChecks[].fix", Type::kString},
                             {"customChecks[].params", Type::kAny},
                             {"customChecks[].expression", Type::kString}};

std::string Number(double value) { return std::to_string(static_cast<std::int64_t>(value)); }

class Reader {
 public:
  Reader(std::vector<Field> fields, bool cluster_wide) : fields_(std::move(fields)), cluster_wide_(cluster_wide) {}

  // `path` as in the table, `shown` as people see it; both end where a member's name follows.
  void Object(const Node& node, const std::string& path, const std::string& shown) {
    if (!node.is_object()) {
      if (node.present()) Refuse(shown.substr(0, shown.size() - 1), "not an object");
      return;
    }
    for (const Node& member : node) {
      if (!member.present()) continue;
      const std::string own = path + std::string(member.key());
      const std::string name = shown + std::string(member.key().substr(0, 64));
      const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const Field& one) {
        return one.path == own && (one.need != kClusterWide || cluster_wide_);
      });
      if (field == fields_.end()) {
        Refuse(name, kNoSuchField);
      } else {
        Value(*field, member, name);
      }
    }
    for (const Field& field : fields_) {
      if (field.need != kRequired || !field.path.starts_with(path)) continue;
      const std::string_view key = field.path.substr(path.size());
      if (key.find_first_of(".[") != std::string_view::npos) continue;
      const Node& member = node[key];
      if (!member.present() || (member.is_string() && member.text().empty()))
        Refuse(shown + std::string(key), "missing");
    }
    if (path.ends_with("elector.") && !node["matchLabels"].present() && !node["matchExpressions"].present())
      Refuse(shown.substr(0, shown.size() - 1), "an empty selector would select everything; leave it out instead");
  }
  void Refuse(const std::string& field, std::string_view why) { refusals_.push_back(field + ": " + std::string(why)); }

  Refusals&& Finish() && { return std::move(refusals_); }

 private:
  void Value(const Field& field, const Node& node, const std::string& shown) {
    switch (field.type) {
      case Type::kString:
        if (!node.is_string()) Refuse(shown, "not a string");
        return;
      case Type::kStrings:
      case Type::kMap:
        if (field.type == Type::kMap ? !node.is_object() : !node.is_array())
          return Refuse(shown, field.type == Type::kMap ? "not an object" : "not a list");
        for (const Node& element : node) {
          if (!element.is_string())
            return Refuse(field.type == Type::kMap ? shown + "." + std::string(element.key().substr(0, 64)) : shown,
                          field.type == Type::kMap ? "not a string" : "not a list of strings");
        }
        return;
      case Type::kBool:
        if (!node.Bool()) Refuse(shown, "neither true nor false");
        return;
      case Type::kInteger:
      case Type::kNumber: {
        const auto value = node.Double();
        if (!value || (field.type == Type::kInteger && !node.Int()))
          return Refuse(shown, field.type == Type::kInteger ? "not an integer" : "not a number");
        if (field.least < field.most && (*value < field.least || *value > field.most))
          Refuse(shown, std::string(node.text().substr(0, 32)) + "; want " + Number(field.least) + " to " +
                            Number(field.most));
        return;
      }
      case Type::kNumbers:
        if (!node.is_object()) return Refuse(shown, "not an object");
        for (const Node& check : node) {
          const std::string of = shown + "." + std::string(check.key().substr(0, 64));
          if (!check.is_object()) Refuse(of, "not an object");
          for (const Node& param : check) {
            if (check.is_object() && !param.Double())
              Refuse(of + "." + std::string(param.key().substr(0, 64)), "not a number");
          }
        }
        return;
      case Type::kObject: return Object(node, std::string(field.path) + ".", shown + ".");
      case Type::kObjects: {
        if (!node.is_array()) return Refuse(shown, "not a list");
        std::size_t index = 0;
        for (const Node& element : node)
          Object(element, std::string(field.path) + "[].", shown + "[" + std::to_string(index++) + "].");
        return;
      }
      case Type::kAny: return;
    }
  }

  const std::vector<Field> fields_;
  bool cluster_wide_;
  Refusals refusals_;
};

std::vector<Field> FieldsOf(Kind kind, bool attestation) {
  if (kind == Kind::kAuditPolicy) return {std::begin(kPolicy), std::end(kPolicy)};
  std::vector<Field> fields(std::begin(kScope), std::end(kScope));
  const auto add = [&fields](const auto& own) { fields.insert(fields.end(), std::begin(own), std::end(own)); };
  if (attestation) {
    add(kAttestation);
  } else {
    add(kWaiver);
  }
  return fields;
}

void JudgeAttestation(const Node& spec, bool cluster_wide, Reader& reader) {
  if (!cluster_wide && !spec["workloads"].present() && !spec["selector"].present())
    reader.Refuse("spec", "say which workloads, by name or by selector");
  const std::string_view valid_for = spec["validFor"].text(), evidence = spec["evidence"].text(),
                         image = spec["forImage"].text();
  constexpr std::int64_t kMost = std::int64_t{365} * 86400;
  if (spec["validFor"].is_string() && DurationSeconds(valid_for) == 0)
    reader.Refuse("spec.validFor",
                  "\"" + std::string(valid_for.substr(0, 64)) + "\"; want days or hours, as 90d or 12h");
  if (valid_for.ends_with('d') && DurationSeconds(valid_for) > kMost)
    reader.Refuse("spec.validFor", "no attestation holds for more than 365d");
  if (spec["evidence"].is_string() && !evidence.starts_with("https://") && !evidence.starts_with("http://"))
    reader.Refuse("spec.evidence", "not a URL of http or https");
  constexpr std::string_view kDigest = "sha256:";
  if (spec["forImage"].is_string() &&
      (!image.starts_with(kDigest) || image.size() != kDigest.size() + 64 ||
       image.substr(kDigest.size()).find_first_not_of("0123456789abcdef") != std::string_view::npos))
    reader.Refuse("spec.forImage", "not a digest (sha256: and 64 hexadecimal digits)");
}

}  // namespace

std::int64_t DurationSeconds(std::string_view text) {
  std::int64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || value <= 0 || value > 9999 || end + 1 != last) return 0;
  return *end == 'd' ? value * 86400 : *end == 'h' ? value * 3600 : 0;
}

Refusals RefusedByCrd(Kind kind, const Node& spec) {
  const bool cluster_wide = kind == Kind::kClusterAttestation || kind == Kind::kClusterWaiver;
  const bool attestation = kind == Kind::kAttestation || kind == Kind::kClusterAttestation;
  Reader reader(FieldsOf(kind, attestation), cluster_wide);
  reader.Object(spec, "", "spec.");
  if (attestation) JudgeAttestation(spec, cluster_wide, reader);
  if (kind == Kind::kAuditPolicy && spec["tiers"].is_array()) {
    std::size_t index = 0;
    for (const Node& tier : spec["tiers"]) {
      const std::string field = "spec.tiers[" + std::to_string(index++) + "]";
      if (!tier["namespaceSelector"].present() && !tier["selector"].present())
        reader.Refuse(field, "say which namespaces or which workloads");
    }
  }
  return std::move(reader).Finish();
}

bool Refuses(const Refusals& refusals, std::string_view field) {
  return std::any_of(refusals.begin(), refusals.end(), [&](const std::string& one) {
    return one.size() > field.size() && one.starts_with(field) && one[field.size()] == ':';
  });
}

}  // namespace seaworthy::cache
