// Extensions: the values at the paths of extension_table.cc.
#include "cache/decode_fields.h"
#include "cache/extension_table.h"
#include "cache/promql_matchers.h"
#include "cache/url_host.h"
#include "seaworthy/extension.h"

namespace seaworthy::cache {
namespace {

// The most facts of one object: a rule file of a tenant must not fill the memory.
constexpr std::size_t kMaxFacts = 4096;

class Walker {
 public:
  Walker(Decoding& d, Extension& extension) : d_(d), extension_(extension) {}

  void Collect(const Node& root, std::string_view path) {
    path_ = d_.Intern(path);
    outer_ = middle_ = inner_ = 0;
    in_list_ = false;
    Walk(root, path);
  }

 private:
  void Walk(const Node& node, std::string_view rest) {
    if (!node.present() || extension_.facts.size() >= kMaxFacts) return;
    if (rest.empty()) {
      const Text value = d_.Loose(node);
      if (node.is_string() || node.is_number() || node.Bool()) Add(value);
      return;
    }
    if (rest == "?") return Add(d_.Intern("true"));
    if (rest == "{}") {
      extension_.selectors.push_back({path_, static_cast<std::uint16_t>(outer_), DecodeSelector(d_, node)});
      return;
    }
    if (rest == "{keys}") {
      for (const Node& member : node) Add(d_.Intern(member.key()));
      return;
    }
    if (rest == "{time}") {
      if (const Timestamp time = Time(node); time.set()) Add(d_.Intern(std::to_string(time.seconds)));
      return;
    }
    if (rest == "{host}") {
      if (const std::string host = HostOfUrl(node.text()); !host.empty()) Add(d_.Intern(host));
      return;
    }
    if (rest == "{matchers}") {
      for (const PromqlMatcher& matcher : PromqlMatchers(node.text()))
        Add(d_.Intern(matcher.label + "=" + matcher.value));
      return;
    }
    if (rest.starts_with("[]")) {
      if (!node.is_array()) return;
      std::string_view behind = rest.substr(2);
      if (behind.starts_with('.')) behind.remove_prefix(1);
      const bool first = !in_list_, innermost = behind.find("[]") == std::string_view::npos;
      in_list_ = true;
      for (const Node& element : node) {
        Walk(element, behind);
        if (first) ++outer_;
        if (first || innermost) ++inner_;
        if (!first && !innermost) ++middle_;
      }
      if (first) in_list_ = false;
      return;
    }
    const std::size_t end = rest.find_first_of(".[{?");
    const std::string_view key = rest.substr(0, end);
    std::string_view behind = end == std::string_view::npos ? std::string_view() : rest.substr(end);
    if (behind.starts_with('.')) behind.remove_prefix(1);
    Walk(node[key], behind);
  }

  void Add(Text value) {
    if (extension_.facts.size() >= kMaxFacts) return;
    extension_.facts.push_back({path_, static_cast<std::uint16_t>(outer_), static_cast<std::uint16_t>(middle_),
                                static_cast<std::uint16_t>(inner_), std::move(value)});
  }

  Decoding& d_;
  Extension& extension_;
  Text path_;
  unsigned outer_ = 0, middle_ = 0, inner_ = 0;
  bool in_list_ = false;
};

// Of the vulnerabilities of an image only sums are kept: there are hundreds in each of thousands of reports.
class Vulnerabilities {
 public:
  Vulnerabilities(Decoding& d, Extension& extension) : d_(d), extension_(extension) {}

  void Summarise(const Node& report) {
    const Node& list = report["vulnerabilities"];
    if (list.is_array()) {
      for (const Node& one : list) Count(one);
    }
    if (const Timestamp updated = Time(report["updateTimestamp"]); updated.set())
      Number("summary.updated", updated.seconds);
    Number("summary.critical.fixable", critical_fixable_);
    Number("summary.critical.unfixable", critical_unfixable_);
    Number("summary.high.fixable", high_fixable_);
    Add("summary.critical.oldest", oldest_critical_);
    Add("summary.fixable.oldest", oldest_fixable_);
  }

 private:
  struct Oldest {
    Timestamp published;
    Text id;
  };

  void Count(const Node& one) {
    const std::string_view severity = one["severity"].text();
    const bool fixable = !one["fixedVersion"].text().empty();
    const bool critical = severity == "CRITICAL";
    if (critical && !fixable) ++critical_unfixable_;
    if (!fixable) return;
    if (critical) ++critical_fixable_;
    if (severity == "HIGH") ++high_fixable_;
    const Timestamp published = Time(one["publishedDate"]);
    if (!published.set()) return;
    for (Oldest* oldest : {&oldest_fixable_, critical ? &oldest_critical_ : nullptr}) {
      if (oldest == nullptr || (oldest->published.set() && oldest->published <= published)) continue;
      *oldest = {published, d_.Str(one["vulnerabilityID"])};
    }
  }

  void Number(std::string_view path, std::int64_t value) {
    extension_.facts.push_back({d_.Intern(path), 0, 0, 0, d_.Intern(std::to_string(value))});
  }
  void Add(const std::string& path, const Oldest& oldest) {
    if (!oldest.published.set()) return;
    Number(path, oldest.published.seconds);
    extension_.facts.push_back({d_.Intern(path + ".id"), 0, 0, 0, oldest.id});
  }

  Decoding& d_;
  Extension& extension_;
  std::int64_t critical_fixable_ = 0, critical_unfixable_ = 0, high_fixable_ = 0;
  Oldest oldest_critical_, oldest_fixable_;
};

}  // namespace

ObjectPtr DecodeExtension(Decoding& d, Kind kind, const Node& node) {
  auto extension = std::make_unique<Extension>(kind);
  const bool rollout = kind == Kind::kRollout;
  if (!DecodeMeta(d, node, {.managers = rollout}, extension->meta)) return nullptr;
  if (rollout) extension->runs = DecodeRollout(d, node);
  if (d.failed()) return nullptr;
  Walker walker(d, *extension);
  for (const std::string_view path : ExtensionPaths(kind)) walker.Collect(node, path);
  if (kind == Kind::kVulnerabilityReport) Vulnerabilities(d, *extension).Summarise(node["report"]);
  extension->facts.shrink_to_fit();
  extension->conditions = DecodeConditions(d, node["status"]["conditions"]);
  return extension;
}

}  // namespace seaworthy::cache
