#include "wiring/manifest_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cache/runs_once.h"
#include "checks/third_party/kubernetes_releases.h"
#include "seaworthy/kind.h"
#include "support/yaml.h"

namespace seaworthy::wiring {
namespace {

using support::Node;

// A `kind: List` of thousands of objects is one document. Documents are bounded in bytes; this is what those bytes can
// sensibly hold.
constexpr support::JsonLimits kDocumentLimits{.tokens = 2'000'000};

std::uint32_t LineOf(const Node& node) {
  const auto first = node.begin();
  return first == node.end() ? node.line() : (*first).line();
}

void Count(Skipped& skipped, std::uint32_t line) {
  if (skipped.count++ == 0) skipped.line = line;
}

// A kind of ours in a group or version that the decoder does not know: "extensions/v1beta1 Deployment".
bool IsOutdated(std::string_view api_version, std::string_view kind) {
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  for (const KindInfo& info : KindTable()) {
    if (info.name == kind) return info.group == group || group == "extensions";
  }
  return false;
}

bool IsJson(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '{';
}

// The reader's messages begin with the line, which LoadError holds by itself.
std::string WithoutLine(const std::string& message) {
  if (!message.starts_with("line ")) return message;
  const std::size_t colon = message.find(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

}  // namespace

ManifestReader::ManifestReader(const ObjectDecoder& decoder, const LoadOptions& options)
    : decoder_(decoder), options_(options), tree_(kDocumentLimits) {}

ManifestPart ManifestReader::Read(std::string_view text, std::uint32_t first_line) {
  if (text.size() > options_.document_bytes && IsJson(text)) return ReadLargeList(text);
  ManifestPart part;
  support::YamlDocuments documents(text, {.document_bytes = options_.document_bytes}, first_line);
  while (true) {
    const Result<bool> more = documents.Next(tree_);
    if (!more.ok()) {
      part.errors.push_back(
          {{}, std::max(documents.error_line(), documents.document_line()), WithoutLine(more.status().message())});
      if (more.status().code() == Code::kInternal) break;
      continue;
    }
    if (!*more) break;
    ReadDocument(tree_.root(), part);
  }
  tree_.Reset();
  return part;
}

// `kubectl get -o json` of a whole cluster: one list, read item by item. Lines are not known then.
ManifestPart ManifestReader::ReadLargeList(std::string_view text) {
  ManifestPart part;
  const Status status = support::ParseJsonList(
      text, tree_, item_, [&](const Node& item) { ReadDocument(item, part); },
      [&](std::string why) { part.errors.push_back({{}, 0, std::move(why)}); });
  if (!status.ok()) {
    part.objects.clear();
    part.lines.clear();
    part.errors.push_back({{},
                           0,
                           "a document of more than " + std::to_string(options_.document_bytes) +
                               " bytes that is no readable list: " + WithoutLine(status.message())});
  }
  tree_.Reset();
  item_.Reset();
  return part;
}

void ManifestReader::ReadDocument(const Node& root, ManifestPart& part) {
  struct Item {
    const Node* node;
    std::string_view api_version, kind;  // what the list says of its items
  };
  std::vector<Item> pending{{&root, {}, {}}};
  while (!pending.empty()) {
    const Item item = pending.back();
    pending.pop_back();
    const Node& node = *item.node;
    if (!node.present()) continue;
    std::string_view api_version = node["apiVersion"].text(), kind = node["kind"].text();
    if (kind.empty() && !item.kind.empty()) {
      kind = item.kind;
      if (api_version.empty()) api_version = item.api_version;
    }
    const std::uint32_t line = LineOf(node);
    if (api_version.empty() || kind.empty()) {
      Count(part.nameless, line);
      continue;
    }
    constexpr std::string_view kList = "List";
    if (kind.ends_with(kList) && node["items"].is_array()) {
      const std::size_t first = pending.size();
      for (const Node& child : node["items"])
        pending.push_back({&child, api_version, kind.substr(0, kind.size() - kList.size())});
      std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
      continue;
    }
    if (const std::optional<Kind> known = FindKind(api_version, kind)) {
      ReadObject(*known, node, part);
      continue;
    }
    const std::string name = std::string(api_version.substr(0, 128)) + " " + std::string(kind.substr(0, 128));
    // What it asks for is meant, and counts for others; that no server takes it any more is deprecated-api's to say.
    if (const checks::RemovedApi* removed = checks::FindRemovedApi(api_version, kind)) {
      Count(part.removed[name + ": a version that Kubernetes 1." + std::to_string(removed->removed_in) +
                         " has removed, read as " + std::string(removed->instead)],
            line);
      ReadObject(removed->kind, node, part);
      continue;
    }
    Count((IsOutdated(api_version, kind) ? part.outdated : part.foreign)[name], line);
  }
}

void ManifestReader::ReadObject(Kind kind, const Node& node, ManifestPart& part) {
  Result<ObjectPtr> object = decoder_.Decode(kind, node);
  if (!object.ok()) {
    part.errors.push_back({{}, LineOf(node), object.status().message()});
    return;
  }
  Object& decoded = **object;
  decoded.source.line = LineOf(node);
  const bool once = (kind == Kind::kPod && cache::RunsOnce(static_cast<const Pod&>(decoded))) || kind == Kind::kJob;
  if (once && decoded.meta.Controller() == nullptr) Count(part.once[std::string(Info(kind).name)], decoded.source.line);
  if (Info(kind).namespaced && decoded.meta.namespace_.empty()) decoded.meta.namespace_ = options_.default_namespace;
  if (Info(kind).namespaced) {
    if (decoded.meta.namespace_.empty()) {
      Count(part.without_namespace, decoded.source.line);
    } else {
      part.with_namespace = true;
    }
  }
  part.objects.push_back(*std::move(object));
  if (options_.lines) part.lines.emplace_back(node);
}

std::vector<std::size_t> FindCuts(std::string_view text, std::size_t part_bytes) {
  std::vector<std::size_t> cuts{0};
  // A directive belongs to the document behind its separator; a byte order mark of UTF-16 makes all offsets wrong.
  if (IsJson(text) || text.starts_with('%') || text.find("\n%") != std::string_view::npos ||
      text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return cuts;
  }
  constexpr std::string_view kSeparator = "\n---";
  std::size_t at = part_bytes;
  while (at < text.size()) {
    const std::size_t found = text.find(kSeparator, at);
    if (found == std::string_view::npos) break;
    const std::size_t behind = found + kSeparator.size();
    const bool alone = behind == text.size() || text[behind] == '\n' || text[behind] == '\r' || text[behind] == ' ' ||
                       text[behind] == '\t';
    if (alone) cuts.push_back(found + 1);
    at = alone ? found + std::max<std::size_t>(part_bytes, 1) : behind;
  }
  return cuts;
}

}  // namespace seaworthy::wiring
