#include "sim/wire_judge.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace seaworthy::sim {
namespace {

using nlohmann::json;

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

// The value of a parameter of digits.
std::uint64_t NumberIn(std::string_view target, std::string_view name) {
  const std::size_t at = target.find(name);
  if (at == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  for (const char c : target.substr(at + name.size())) {
    if (c < '0' || c > '9') break;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::uint64_t VersionOf(const json& metadata) {
  const std::string text = metadata.value("resourceVersion", std::string("0"));
  return text.empty() ? 0 : std::stoull(text);
}

}  // namespace

void WireJudge::OnList(const HttpRequest& request, const HttpResponse& response) {
  if (request.method != Method::kGet || response.head.status != 200) return;
  // A look at the newest version alone, or at the versions of all: nothing is followed from there.
  if (NumberIn(request.target, "limit=") == 1 || request.accept.find("Partial") != std::string::npos) return;
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("items") || !body.contains("metadata")) return;
  Followed& followed = followed_[std::string(PathOf(request.target))];
  const std::uint64_t version = VersionOf(body["metadata"]);
  if (request.target.find("continue=") == std::string::npos) {
    followed = Followed{.listed = version, .seen = version};
  } else {
    followed.mixed |= version != followed.listed;
  }
}

void WireJudge::OnWatch(const HttpRequest& request) {
  const std::string path(PathOf(request.target));
  if (request.target.find("sendInitialEvents") != std::string::npos) {
    followed_[path] = Followed{.listing = true};
    return;
  }
  const auto followed = followed_.find(path);
  if (followed == followed_.end()) return;
  const std::uint64_t from = NumberIn(request.target, "resourceVersion=");
  if (followed->second.mixed) problems_.push_back("pages of two states were taken for one: " + path);
  if (from < followed->second.seen)
    problems_.push_back("watched from " + std::to_string(from) + " on though " + std::to_string(followed->second.seen) +
                        " had come: " + path);
}

void WireJudge::OnFrame(const HttpRequest& request, std::string_view frame) {
  const json event = json::parse(frame, nullptr, false);
  if (!event.is_object() || event.value("type", std::string()) == "ERROR") return;
  Followed& followed = followed_[std::string(PathOf(request.target))];
  const json& metadata = event["object"]["metadata"];
  const std::uint64_t version = VersionOf(metadata);
  if (followed.listing) {
    if (!metadata.contains("annotations") || !metadata["annotations"].contains("k8s.io/initial-events-end")) return;
    followed.listing = false;
    followed.listed = version;
  }
  followed.seen = std::max(followed.seen, version);
}

void WireJudge::OnNotFound(const HttpRequest& request, MonoTime now) {
  not_found_.emplace(PathOf(request.target), now);
}

void WireJudge::OnDiscovery(MonoTime now) {
  for (const auto& [path, since] : not_found_) {
    if (now - since > kLookedForWithin) problems_.push_back("was not found, and nobody looked for it: " + path);
  }
  not_found_.clear();
}

void WireJudge::OnLeftSilent(const HttpRequest& request) {
  // That one has no other limit: kinds are looked for now and then, too.
  if (PathOf(request.target).ends_with("/customresourcedefinitions")) return;
  problems_.push_back("a silent stream was left to the transport: " + std::string(PathOf(request.target)));
}

}  // namespace seaworthy::sim
