#include "wiring/reference.h"

#include <algorithm>
#include <cstdio>

#include "checks/all_checks.h"
#include "sinks/metrics/metric_table.h"
#include "support/yaml.h"

namespace seaworthy::wiring {
namespace {

// What stands in a cell of a table.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

// One property and what is under it, depth first, as rows "field | type | meaning".
void AppendProperties(const support::Node& schema, const std::string& path, std::string& out) {
  for (const support::Node& property : schema["properties"]) {
    const std::string name = path + std::string(property.key());
    std::string type(property["type"].text());
    const support::Node* inner = &property;
    std::string suffix;
    while ((*inner)["items"].present()) {
      suffix += "[]";
      inner = &(*inner)["items"];
    }
    if (!suffix.empty()) type = std::string((*inner)["type"].text()) + suffix;
    if (const support::Node& values = property["additionalProperties"]; values.is_object()) {
      inner = &values;
      type = "map of " + std::string(values["type"].text());
      suffix = ".*";
    }
    if (property["x-kubernetes-int-or-string"].present()) type = "integer or string";
    if (const std::string_view format = property["format"].text(); !format.empty() && format != "int64")
      type += " (" + std::string(format) + ")";
    std::string notes(property["description"].text());
    const auto note = [&](const std::string& text) { notes += (notes.empty() ? "" : " ") + text; };
    std::string values;
    for (const support::Node& value : (*inner)["enum"])
      values += (values.empty() ? "" : ", ") + std::string(value.text());
    if (!values.empty()) note("One of " + values + ".");
    if (property["minimum"].present() || property["maximum"].present()) {
      note(std::string(property["minimum"].text()) + " to " +
           (property["maximum"].present() ? std::string(property["maximum"].text()) : "any") + ".");
    }
    for (const support::Node& required : schema["required"]) {
      if (required.text() == property.key()) type += ", required";
    }
    for (const support::Node& rule : property["x-kubernetes-validations"])
      note("Rule: " + std::string(rule["message"].text()) + ".");
    out += "| `" + name + suffix + "` | " + Cell(type) + " | " + Cell(notes) + " |\n";
    AppendProperties(*inner, name + suffix + ".", out);
  }
}

}  // namespace

std::string AppliesTo(const Check& check) {
  if (check.subject != SubjectType::kWorkload) return std::string(SubjectTypeName(check.subject));
  std::string names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(WorkloadClass::kCount); ++i) {
    const auto workload_class = static_cast<WorkloadClass>(i);
    if (!check.applies_to.empty() && !check.applies_to.Has(workload_class)) continue;
    if (!names.empty()) names += ", ";
    names += ClassName(workload_class);
  }
  return names;
}

// Some names are used by several API groups: the ones that are not Kubernetes' own carry theirs.
bool IsAmbiguous(const KindInfo& info) {
  return info.group.find('.') != std::string_view::npos && !info.group.ends_with(".k8s.io") &&
         std::any_of(KindTable().begin(), KindTable().end(),
                     [&](const KindInfo& other) { return other.kind != info.kind && other.name == info.name; });
}

std::string Reads(const Check& check) {
  std::string names;
  for (const KindInfo& info : KindTable()) {
    if (!(check.reads | check.needs).Has(info.kind)) continue;
    if (!names.empty()) names += ", ";
    names += info.name;
    if (IsAmbiguous(info)) names += "." + std::string(info.group);
  }
  return names;
}

std::string NumberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string CheckReference(const Check& check) {
  std::string out = "### `" + std::string(check.id) + "`\n\n" + std::string(check.title) + ".\n\n";
  out += "Severity **" + std::string(SeverityName(check.severity)) + "**, subject " +
         std::string(SubjectTypeName(check.subject));
  if (check.subject == SubjectType::kWorkload) out += " (" + AppliesTo(check) + ")";
  if (check.penalty_only) out += ", penalty only";
  if (check.attestable) out += ", attestable (" + std::to_string(check.max_days != 0 ? check.max_days : 180) + " days)";
  if (check.holds) out += ", has to last " + std::to_string(check.hold_minutes) + " minutes";
  out += ".\n\n";
  const auto item = [&](std::string_view head, std::string_view text) {
    if (!text.empty()) out += "- **" + std::string(head) + "**: " + std::string(text) + "\n";
  };
  item("Rule", check.rule);
  item("Why", check.why);
  item("Fix", check.fix);
  item("Source", check.source);
  item("Where the article has aged", check.aged);
  item("Traps", check.traps);
  item("Reads", Reads(check));
  for (const Param& param : check.params) {
    out += "- **Parameter** `" + std::string(param.name) + "` (" + NumberText(param.value) +
           "): " + std::string(param.meaning) + "\n";
  }
  return out + "\n";
}

std::string ChecksReference() {
  std::string out =
      "# Checks\n\nGenerated by `seaworthy docs checks`; do not edit. Check ids are API: they never change their "
      "meaning.\n\n"
      "- **Subjects**: W a workload (of the classes in parentheses; *other* stands for pods of another controller, "
      "such as a database operator's), NS a "
      "namespace, PDB a PodDisruptionBudget, N a node, C the cluster.\n"
      "- **Verdicts**: pass, warn, fail; *unknown* where the signal is missing, and the message says which; *not "
      "applicable* where a precondition is "
      "absent. In a *scan* (`seaworthy scan` of manifests) what only a cluster shows is unknown.\n"
      "- **Severities** weigh in the [score](scoring.md): critical 10, high 5, medium 3, low 1, info 0. A *penalty "
      "only* check takes away from it and "
      "adds nothing: an empty manifest earns nothing by it.\n"
      "- *Attestable*: an Attestation, valid for as many days at most, stands in where no API shows it. *Has to last*: "
      "what is read from status counts "
      "once it has been so for that time, outside rollouts.\n"
      "- **Reads**: the kinds of objects whose changes evaluate it again. ContainerThrottling, VolumeStats, "
      "ScrapeTarget and AlertDelivery (the "
      "*Prometheus source*, `--prometheus-url`), ImageConfig (`--registry-lookups`), LogSample (`--log-sampling`) and "
      "PodMetrics are no objects of the "
      "API server's store: [sources.md](sources.md). What needs a source that is switched off is not applicable.\n"
      "- **Parameters** are set in an AuditPolicy (`spec.params`): [policies.md](policies.md).\n\n";
  for (std::size_t s = 0; s < kSectionCount; ++s) {
    bool any = false;
    for (const Check* check : checks::AllChecks()) {
      if (check->section != static_cast<Section>(s)) continue;
      if (!any) out += "## " + std::string(SectionTitle(static_cast<Section>(s))) + "\n\n";
      any = true;
      out += CheckReference(*check);
    }
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string MetricsReference() {
  using namespace sinks::metrics;
  std::string out =
      "# Metrics\n\nGenerated by `seaworthy docs metrics`; do not edit. Names and labels are API: *stable* ones only "
      "ever gain labels and go two minor "
      "releases after they were called deprecated, *alpha* ones may change in any release.\n\n"
      "With several replicas the series of the audit come from the leader alone; those of the operator itself from "
      "every replica.\n";
  for (const Exporter exporter : {Exporter::kLeader, Exporter::kEveryReplica}) {
    out += exporter == Exporter::kLeader ? "\n## The audit\n\n" : "\n## The operator\n\n";
    out += "| metric | type | labels | stability | meaning |\n|---|---|---|---|---|\n";
    for (const Metric& metric : MetricTable()) {
      if (metric.exporter != exporter) continue;
      std::string labels;
      for (const char c : metric.labels) labels += c == ',' ? std::string(", ") : std::string(1, c);
      out += "| `" + std::string(metric.name) + "` | " + std::string(TypeName(metric.type)) + " | " + labels + " | " +
             std::string(StabilityName(metric.stability)) + " | " + Cell(metric.help) + " |\n";
    }
  }
  return out;
}

Result<std::string> CrdReference(std::string_view yaml) {
  std::string out =
      "# Custom resources\n\nGenerated by `seaworthy docs crd manifests/crds.yaml`; do not edit. API group "
      "`audit.seaworthy.dev`. Audits are written by the operator alone; people write AuditPolicies, attestations and "
      "waivers, and are answered in their status.\n";
  support::YamlDocuments documents(yaml);
  support::Tree tree;
  while (true) {
    const Result<bool> next = documents.Next(tree);
    if (!next.ok()) return next.status();
    if (!*next) break;
    const support::Node& root = tree.root();
    if (root["kind"].text() != "CustomResourceDefinition") continue;
    const support::Node& spec = root["spec"];
    const support::Node& names = spec["names"];
    for (const support::Node& version : spec["versions"]) {
      const support::Node& schema = version["schema"]["openAPIV3Schema"];
      out += "\n## " + std::string(names["kind"].text()) + "\n\n" + std::string(schema["description"].text()) + "\n\n";
      out += "`" + std::string(version["name"].text()) + "`, " +
             (spec["scope"].text() == "Cluster" ? "cluster-wide" : "namespaced");
      std::string shorts;
      for (const support::Node& name : names["shortNames"])
        shorts += (shorts.empty() ? "" : ", ") + std::string("`") + std::string(name.text()) + "`";
      if (!shorts.empty()) out += ", short " + shorts;
      out += ".\n\n";
      for (const support::Node& part : schema["properties"]) {
        for (const support::Node& rule : part["x-kubernetes-validations"])
          out += "- " + std::string(rule["message"].text()) + "\n";
      }
      if (out.back() == '\n' && out[out.size() - 2] != '\n') out += '\n';
      out += "| field | type | meaning |\n|---|---|---|\n";
      AppendProperties(schema, "", out);
    }
  }
  return out;
}

}  // namespace seaworthy::wiring
