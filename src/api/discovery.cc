#include "api/discovery.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "api/classify.h"
#include "api/url.h"

namespace seaworthy::api {
namespace {

using support::Node;

constexpr std::string_view kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
constexpr Duration kDeadline = std::chrono::seconds(20);
// Clusters with hundreds of CRDs have a document of a few MB.
constexpr support::JsonLimits kLimits{.depth = 64, .tokens = 4'000'000};

// Of a kind that is polled, the API serves no watch.
bool HasVerbs(const KindInfo& info, const Node& verbs) {
  bool list = false, watch = false;
  for (const Node& verb : verbs) {
    list = list || verb.text() == "list";
    watch = watch || verb.text() == "watch";
  }
  return list && (watch || info.feed == Feed::kPoll);
}

// Calls `fn` for each of the comma-separated versions, preferred first, until it returns true.
template <typename Fn>
void ForEachVersion(const KindInfo& info, Fn fn) {
  std::string_view rest = info.versions;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (fn(rest.substr(0, comma))) return;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
}

// How well a version suits: its place in the kind's list; npos when it is not in it.
std::size_t Rank(const KindInfo& info, std::string_view version) {
  std::size_t rank = 0, found = std::string_view::npos;
  ForEachVersion(info, [&](std::string_view candidate) {
    if (candidate == version) found = rank;
    ++rank;
    return found != std::string_view::npos;
  });
  return found;
}

KindAnswer& AnswerOf(DiscoveryResult& result, const KindInfo& info) {
  return result.kinds[static_cast<std::size_t>(info.kind)];
}

std::optional<int> LeadingNumber(std::string_view text) {
  int value = 0;
  // "36+" of managed clusters.
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

void ReadKind(const KindInfo& info, const Node* group, DiscoveryResult& result) {
  KindAnswer best{true, {}};
  std::size_t best_rank = std::string_view::npos;
  bool stale = false;
  if (group != nullptr) {
    for (const Node& version : (*group)["versions"]) {
      const std::size_t rank = Rank(info, version["version"].text());
      if (rank == std::string_view::npos) continue;
      // The aggregator could not ask the group's own server: what it says is old or empty.
      if (version["freshness"].text() == "Stale") {
        stale = true;
        continue;
      }
      for (const Node& resource : version["resources"]) {
        if (resource["resource"].text() == info.resource && HasVerbs(info, resource["verbs"]) && rank < best_rank) {
          best_rank = rank;
          best.version = version["version"].text();
        }
      }
    }
  }
  KindAnswer& answer = AnswerOf(result, info);
  if (stale && best.version.empty()) return;
  answer = std::move(best);
}

}  // namespace

struct Discovery::Pass {
  explicit Pass(const DiscoveryResult& previous) : result(previous) {
    result.problems.clear();
    result.server_time.reset();
  }
  DiscoveryResult result;
  std::vector<Done> waiting;
  int open = 0;
  // Plain discovery: what the single documents of this run said, merged when all are in.
  struct GroupState {
    DiscoveryResult found;
    bool failed = false;
  };
  std::map<std::string, GroupState, std::less<>> groups;
};

ServerVersion Discovery::ReadVersion(const Node& document) {
  ServerVersion version;
  const std::optional<int> major = LeadingNumber(document["major"].text()),
                           minor = LeadingNumber(document["minor"].text());
  if (!major || !minor) return version;
  version.major = *major;
  version.minor = *minor;
  version.git_version = document["gitVersion"].text().substr(0, 64);
  return version;
}

bool Discovery::ReadAggregated(const Node& document, bool core, DiscoveryResult& result) {
  if (document["kind"].text() != "APIGroupDiscoveryList") return false;
  std::map<std::string_view, const Node*> groups;
  for (const Node& group : document["items"]) groups.emplace(group["metadata"]["name"].text(), &group);
  for (const KindInfo& info : KindTable()) {
    if (info.group.empty() != core) continue;
    const auto group = groups.find(info.group);
    ReadKind(info, group == groups.end() ? nullptr : group->second, result);
  }
  return true;
}

void Discovery::ReadResourceList(const Node& document, std::string_view group, std::string_view version,
                                 DiscoveryResult& result) {
  for (const KindInfo& info : KindTable()) {
    const std::size_t rank = Rank(info, version);
    if (info.group != group || rank == std::string_view::npos) continue;
    for (const Node& resource : document["resources"]) {
      if (resource["name"].text() != info.resource || !HasVerbs(info, resource["verbs"])) continue;
      KindAnswer& answer = AnswerOf(result, info);
      if (answer.version.empty() || rank < Rank(info, answer.version)) answer = {true, std::string(version)};
    }
  }
}

void Discovery::Run(Done done) {
  next_.push_back(std::move(done));
  if (!running_) Begin(std::exchange(next_, {}));
}

void Discovery::Begin(std::vector<Done> waiting) {
  running_ = true;
  ++runs_;
  auto pass = std::make_shared<Pass>(result_);
  pass->waiting = std::move(waiting);
  pass->open = 3;
  Ask(
      pass, "/version", "application/json",
      [pass](const Node& document, const HttpHead& head) {
        if (ServerVersion version = ReadVersion(document); version.known()) pass->result.version = std::move(version);
        pass->result.server_time = head.date;
      },
      [](const std::string&) {});
  for (const bool core : {true, false}) {
    Ask(
        pass, core ? "/api" : "/apis", std::string(kAggregated),
        [this, pass, core](const Node& document, const HttpHead&) { OnRoot(pass, document, core); },
        [](const std::string&) {});
  }
}

void Discovery::Ask(const std::shared_ptr<Pass>& pass, std::string target, std::string accept,
                    std::function<void(const Node&, const HttpHead&)> on_document,
                    std::function<void(std::string why)> on_failure) {
  HttpRequest request{.method = Method::kGet, .target = target, .accept = std::move(accept), .deadline = kDeadline};
  transport_->Unary(std::move(request),
                    [this, alive = std::weak_ptr(alive_), pass, target, on_document = std::move(on_document),
                     on_failure = std::move(on_failure)](const Result<HttpResponse>& response) {
                      if (alive.expired()) return;
                      std::string why;
                      if (!response.ok()) {
                        why = response.status().message();
                      } else if (const Verdict verdict = ClassifyAnswer(response->head, response->body);
                                 verdict.action != Action::kProceed) {
                        why = verdict.message;
                      } else {
                        support::Tree tree(kLimits);
                        if (const Status status = support::ParseJson(response->body, tree); !status.ok()) {
                          why = status.message();
                        } else {
                          on_document(tree.root(), response->head);
                        }
                      }
                      if (!why.empty()) {
                        pass->result.problems.push_back(target + ": " + why);
                        on_failure(why);
                      }
                      if (--pass->open == 0) Finish(*pass);
                    });
}

void Discovery::OnRoot(const std::shared_ptr<Pass>& pass, const Node& document, bool core) {
  if (ReadAggregated(document, core, pass->result)) return;
  // {"kind":"APIVersions","versions":["v1"]} or
  // {"kind":"APIGroupList","groups":[{"name":..,"versions":[{"version":..}]}]}
  if (document["kind"].text() != (core ? "APIVersions" : "APIGroupList")) {
    pass->result.problems.push_back(std::string(core ? "/api" : "/apis") + ": not a discovery document");
    return;
  }
  std::map<std::string, std::set<std::string>, std::less<>> served;
  if (core) {
    for (const Node& version : document["versions"]) served[""].emplace(version.text());
  } else {
    for (const Node& group : document["groups"]) {
      for (const Node& version : group["versions"])
        served[std::string(group["name"].text())].emplace(version["version"].text());
    }
  }
  std::set<std::pair<std::string, std::string>> wanted;
  for (const KindInfo& info : KindTable()) {
    if (info.group.empty() != core) continue;
    const auto group = served.find(info.group);
    // Listed groups are asked below; one that the root does not list is not served.
    pass->groups.try_emplace(std::string(info.group));
    if (group == served.end()) continue;
    ForEachVersion(info, [&](std::string_view version) {
      if (group->second.contains(std::string(version))) wanted.emplace(info.group, version);
      return false;
    });
  }
  for (const auto& [group, version] : wanted) AskVersion(pass, group, version);
}

void Discovery::AskVersion(const std::shared_ptr<Pass>& pass, std::string group, std::string version) {
  const Result<std::string> path = GroupVersionPath(group, version);
  if (!path.ok()) return;
  ++pass->open;
  Ask(
      pass, *path, "application/json",
      [pass, group, version](const Node& document, const HttpHead&) {
        ReadResourceList(document, group, version, pass->groups[group].found);
      },
      [pass, group](const std::string&) { pass->groups[group].failed = true; });
}

void Discovery::Finish(Pass& pass) {
  for (const KindInfo& info : KindTable()) {
    const auto group = pass.groups.find(info.group);
    if (group == pass.groups.end()) continue;  // aggregated, or its root failed
    const KindAnswer& found = group->second.found[info.kind];
    KindAnswer& answer = AnswerOf(pass.result, info);
    // With one of its documents missing, a group may have what it had.
    if (group->second.failed && (answer.known || !found.served())) continue;
    answer = {true, found.version};
  }
  result_ = std::move(pass.result);
  running_ = false;
  if (!next_.empty()) Begin(std::exchange(next_, {}));
  for (const Done& done : pass.waiting) done(result_);
}

}  // namespace seaworthy::api
