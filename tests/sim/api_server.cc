#include "sim/api_server.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "support/hash.h"

namespace seaworthy::sim {
namespace {

constexpr std::string_view kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr std::string_view kLeases = "/apis/coordination.k8s.io/v1/namespaces/seaworthy/leases";

std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> QueryOf(std::string_view target) {
  std::map<std::string, std::string> query;
  const std::size_t question = target.find('?');
  std::string_view rest = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    query[Unescape(pair.substr(0, equals))] = equals < pair.size() ? Unescape(pair.substr(equals + 1)) : std::string();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return query;
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

HttpResponse Answer(int status, std::string body) {
  HttpResponse response;
  response.head.status = status;
  response.head.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

std::string StatusBody(int code, std::string_view reason, std::string_view message) {
  return json{{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"},
              {"code", code},     {"reason", reason},   {"message", message}}
      .dump();
}

HttpResponse Refusal(int code, std::string_view reason, std::string_view message = {}) {
  return Answer(code, StatusBody(code, reason, message));
}

// Of a group that nobody serves: no Status, as whatever handles paths that are not there says it.
HttpResponse NotServed() {
  HttpResponse answer = Answer(404, "404 page not found\n");
  answer.head.content_type = "text/plain; charset=utf-8";
  return answer;
}

std::string Version(const KindInfo& info) { return std::string(info.versions.substr(0, info.versions.find(','))); }

std::string ApiVersion(const KindInfo& info) {
  return info.group.empty() ? Version(info) : std::string(info.group) + "/" + Version(info);
}

bool IsControlled(const json& object) {
  const json owners = object["metadata"].value("ownerReferences", json::array());
  return std::any_of(owners.begin(), owners.end(), [](const json& one) { return one.value("controller", false); });
}

// Without a template of its own it is a workload as long as it has pods.
bool IsEmptyRollout(const json& object) {
  return object.value("kind", std::string()) == "Rollout" && !object["spec"].contains("template");
}

std::uint64_t Number(const std::string& text) { return text.empty() ? 0 : std::stoull(text); }

std::string Frame(std::string_view type, std::string_view object) {
  return "{\"type\":\"" + std::string(type) + "\",\"object\":" + std::string(object) + "}";
}

}  // namespace

std::string KeyOf(const json& object) {
  const json& meta = object["metadata"];
  return meta.contains("namespace") ? meta["namespace"].get<std::string>() + "/" + meta["name"].get<std::string>()
                                    : meta["name"].get<std::string>();
}

std::string UidOf(std::string_view name) {
  const std::uint64_t hash = support::Hash64(name);
  char text[48];
  std::snprintf(text, sizeof text, "%08x-%04x-4000-8000-%012llx", static_cast<unsigned>(hash >> 32),
                static_cast<unsigned>(hash >> 16 & 0xffff), static_cast<unsigned long long>(hash & 0xffffffffffff));
  return text;
}

void MakeUids(json& object) {
  if (object.is_array()) {
    for (json& one : object) MakeUids(one);
  } else if (object.is_object()) {
    for (auto& [key, value] : object.items()) {
      if (key == "uid" && value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (text.size() != 36 || text[8] != '-') value = UidOf(text);
      } else {
        MakeUids(value);
      }
    }
  }
}

std::vector<ApiServer::Collection> ApiServer::MakeCollections() {
  std::vector<Collection> collections(kKindCount);
  for (const KindInfo& info : KindTable()) collections[static_cast<std::size_t>(info.kind)].info = &info;
  return collections;
}

void ApiServer::Record(Collection& collection, const char* type, const json& object) {
  made_.emplace_back(version_, clock_.Now());
  collection.events.push_back({version_, clock_.Now(), type, object.dump()});
  while (made_.size() > 4096) made_.pop_front();
}

void ApiServer::Put(Kind kind, json object) {
  Collection& collection = Of(kind);
  const KindInfo& info = *collection.info;
  if (!collection.served) return;
  MakeUids(object);
  object["apiVersion"] = ApiVersion(info);
  object["kind"] = std::string(info.name);
  const std::string key = KeyOf(object);
  const auto before = collection.objects.find(key);
  if (before != collection.objects.end() && before->second.object["metadata"]["uid"] != object["metadata"]["uid"])
    Erase(collection, key);
  const bool fresh = collection.objects.find(key) == collection.objects.end();
  Stored& stored = collection.objects[key];
  stored.version = ++version_;
  object["metadata"]["resourceVersion"] = std::to_string(version_);
  stored.object = std::move(object);
  Record(collection, fresh ? "ADDED" : "MODIFIED", stored.object);
}

void ApiServer::Erase(Collection& collection, const std::string& key) {
  const auto at = collection.objects.find(key);
  if (at == collection.objects.end()) return;
  json last = std::move(at->second.object);
  collection.objects.erase(at);
  last["metadata"]["resourceVersion"] = std::to_string(++version_);  // that of the deletion
  Record(collection, "DELETED", last);
}

void ApiServer::Remove(Kind kind, const std::string& key) { Erase(Of(kind), key); }

void ApiServer::SetServed(Kind kind, bool served, bool defined) {
  Collection& collection = Of(kind);
  if (collection.served == served) return;
  if (!served) {
    while (!collection.objects.empty()) Erase(collection, collection.objects.begin()->first);
    Pump();
    std::vector<std::uint64_t> ended;
    for (const auto& [id, watch] : watches_) {
      if (watch.kind == kind && !watch.metadata_only) ended.push_back(id);
    }
    for (const std::uint64_t id : ended) {
      const auto at = watches_.find(id);
      if (at == watches_.end()) continue;
      const auto end = at->second.end;
      watches_.erase(at);
      end();
    }
  }
  collection.served = served;
  if (!defined) return;
  ++version_;
  made_.emplace_back(version_, clock_.Now());
  const json definition = {
      {"kind", "PartialObjectMetadata"},
      {"apiVersion", "meta.k8s.io/v1"},
      {"metadata",
       {{"name", std::string(collection.info->resource) + "." + std::string(collection.info->group)},
        {"resourceVersion", std::to_string(version_)}}}};
  definitions_.push_back({version_, clock_.Now(), served ? "ADDED" : "DELETED", definition.dump()});
}

void ApiServer::CollectGarbage() {
  std::set<std::string> living;
  for (const Collection& collection : collections_) {
    for (const auto& [key, stored] : collection.objects) {
      living.insert(stored.object["metadata"].value("uid", std::string()));
      // Who is named by what lives is there, if only as a kind that nobody here keeps.
      if (collection.info->kind == Kind::kWorkloadAudit) continue;
      for (const json& owner : stored.object["metadata"].value("ownerReferences", json::array()))
        living.insert(owner.value("uid", std::string()));
    }
  }
  Collection& audits = Of(Kind::kWorkloadAudit);
  std::vector<std::string> orphans;
  for (const auto& [key, stored] : audits.objects) {
    for (const json& owner : stored.object["metadata"].value("ownerReferences", json::array())) {
      if (!living.contains(owner.value("uid", std::string()))) orphans.push_back(key);
    }
  }
  for (const std::string& key : orphans) Erase(audits, key);
}

std::uint64_t ApiServer::Seen(std::size_t server) const {
  const MonoTime horizon = clock_.Now() - lag_[server];
  std::uint64_t seen = version_;
  for (auto one = made_.rbegin(); one != made_.rend() && one->second > horizon; ++one) seen = one->first - 1;
  return seen;
}

std::optional<ApiServer::Place> ApiServer::Find(std::string_view path) const {
  std::vector<std::string> steps;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    steps.push_back(Unescape(path.substr(at, end - at)));
    at = end + 1;
  }
  Place place;
  std::string group;
  std::size_t next = 0;
  if (steps.size() >= 3 && steps[0] == "api") {
    next = 2;
  } else if (steps.size() >= 4 && steps[0] == "apis") {
    group = steps[1];
    next = 3;
  } else {
    return std::nullopt;
  }
  if (steps.size() > next + 2 && steps[next] == "namespaces") {
    place.ns = steps[next + 1];
    next += 2;
  }
  const std::string& resource = steps[next];
  if (steps.size() > next + 1) place.name = steps[next + 1];
  if (steps.size() > next + 2) place.subresource = steps[next + 2];
  for (const Collection& collection : collections_) {
    if (collection.info == nullptr || collection.info->resource != resource || collection.info->group != group ||
        collection.info->feed != Feed::kWatch)
      continue;
    place.kind = collection.info->kind;
    return place;
  }
  return std::nullopt;
}

HttpResponse ApiServer::Discovery(bool core) const {
  std::map<std::string, std::map<std::string, json>> groups;
  for (const Collection& collection : collections_) {
    const KindInfo& info = *collection.info;
    if (info.feed != Feed::kWatch || info.group.empty() != core || !collection.served) continue;
    json& version = groups[std::string(info.group)][Version(info)];
    version["version"] = Version(info);
    version["freshness"] = "Current";
    version["resources"].push_back({{"resource", std::string(info.resource)}, {"verbs", {"get", "list", "watch"}}});
  }
  json items = json::array();
  for (auto& [name, versions] : groups) {
    json group = {{"metadata", {{"name", name}}}, {"versions", json::array()}};
    for (auto& [version, value] : versions) group["versions"].push_back(std::move(value));
    items.push_back(std::move(group));
  }
  return Answer(
      200,
      json{{"kind", "APIGroupDiscoveryList"}, {"apiVersion", "apidiscovery.k8s.io/v2"}, {"items", std::move(items)}}
          .dump());
}

HttpResponse ApiServer::List(Collection& collection, const std::map<std::string, std::string>& query) {
  const auto text = [&](const char* key) { return query.contains(key) ? query.at(key) : std::string(); };
  // Fewer than were asked for is allowed.
  const std::size_t limit = std::min<std::size_t>(Number(text("limit")), loose_ ? 2 : SIZE_MAX);
  const std::string token = text("continue");
  Page page;
  if (token.empty()) {
    page.version = version_;
    page.next = 0;
    for (const auto& [key, stored] : collection.objects) page.objects.push_back(stored.object.dump());
  } else {
    const auto at = pages_.find(token);
    if (at == pages_.end() || at->second.version < compacted_)
      return Refusal(410, "Expired", "The provided continue parameter is too old");
    page = at->second;
    if (loose_ && ++loosened_ % 7 == 0) {
      // Something else has been written meanwhile.
      page.version = ++version_;
      made_.emplace_back(version_, clock_.Now());
      page.objects.clear();
      for (const auto& [key, stored] : collection.objects) page.objects.push_back(stored.object.dump());
    }
  }
  std::string body = R"({"kind":"List","apiVersion":"v1","items":[)";
  std::size_t count = 0;
  for (; page.next < page.objects.size() && (limit == 0 || count < limit); ++page.next, ++count) {
    if (count != 0) body += ',';
    body += page.objects[page.next];
  }
  body += R"(],"metadata":{"resourceVersion":")" + std::to_string(page.version) + "\"";
  if (page.next < page.objects.size()) {
    const std::string next = "page-" + std::to_string(++pages_made_);
    body += R"(,"continue":")" + next + "\"";
    pages_[next] = std::move(page);
  }
  return Answer(200, body + "}}");
}

HttpResponse ApiServer::Apply(const Place& place, const HttpRequest& request, Write& write) {
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) {
    malformed_.push_back(request.target + ": " + request.body);
    return Refusal(400, "BadRequest", "no JSON");
  }
  if (!place.ns.empty() && !Of(Kind::kNamespace).objects.contains(place.ns))
    return Refusal(404, "NotFound", "namespace");
  Collection& collection = Of(place.kind);
  const std::string key = place.ns.empty() ? place.name : place.ns + "/" + place.name;
  const json meta = body.value("metadata", json::object());
  const auto at = collection.objects.find(key);
  const std::string uid = meta.value("uid", std::string()), version = meta.value("resourceVersion", std::string());
  if (at == collection.objects.end()) {
    if (!uid.empty() || !version.empty()) return Refusal(409, "Conflict", "it is not there");
  } else {
    const json& now = at->second.object["metadata"];
    if (!version.empty() && now["resourceVersion"] != version)
      return Refusal(409, "Conflict", "the object has been modified");
    if (!uid.empty() && now["uid"] != uid)
      return Refusal(422, "Invalid", "metadata.uid: Invalid value: field is immutable");
  }
  json object = at == collection.objects.end() ? json{{"metadata",
                                                       {{"name", place.name},
                                                        {"uid", UidOf("audit-" + std::to_string(++uids_))},
                                                        {"creationTimestamp", "2026-01-01T00:00:00Z"}}}}
                                               : at->second.object;
  if (!place.ns.empty()) object["metadata"]["namespace"] = place.ns;
  const json before = object;
  object["status"] = body.value("status", json::object());
  if (meta.contains("ownerReferences")) object["metadata"]["ownerReferences"] = meta["ownerReferences"];
  if (meta.contains("labels")) object["metadata"]["labels"] = meta["labels"];
  write.changed = at == collection.objects.end() || object != before;
  if (!write.changed) return Answer(200, before.dump());
  const bool created = at == collection.objects.end();
  if (!created) {
    // Put would make new uids of those that stand.
    Stored& stored = at->second;
    stored.version = ++version_;
    object["metadata"]["resourceVersion"] = std::to_string(version_);
    stored.object = std::move(object);
    Record(collection, "MODIFIED", stored.object);
    return Answer(200, stored.object.dump());
  }
  object["apiVersion"] = ApiVersion(*collection.info);
  object["kind"] = std::string(collection.info->name);
  Stored& stored = collection.objects[key];
  stored.version = ++version_;
  object["metadata"]["resourceVersion"] = std::to_string(version_);
  stored.object = std::move(object);
  Record(collection, "ADDED", stored.object);
  return Answer(201, stored.object.dump());
}

HttpResponse ApiServer::ApplyStatus(const Place& place, const HttpRequest& request, Write& write) {
  Collection& collection = Of(place.kind);
  const auto at = collection.objects.find(place.ns.empty() ? place.name : place.ns + "/" + place.name);
  if (at == collection.objects.end()) return Refusal(404, "NotFound");
  const json body = json::parse(request.body, nullptr, false);
  // A uid says nothing there: the subresource's strategy takes all metadata from the object that is stored.
  const std::string version = body["metadata"].value("resourceVersion", std::string());
  if (!version.empty() && at->second.object["metadata"]["resourceVersion"] != version)
    return Refusal(409, "Conflict", "the object has been modified");
  write.changed = at->second.object.value("status", json()) != body["status"];
  if (!write.changed) return Answer(200, at->second.object.dump());
  at->second.version = ++version_;
  at->second.object["status"] = body["status"];
  at->second.object["metadata"]["resourceVersion"] = std::to_string(version_);
  Record(collection, "MODIFIED", at->second.object);
  return Answer(200, at->second.object.dump());
}

HttpResponse ApiServer::Delete(const Place& place, const HttpRequest& request, Write& write) {
  Collection& collection = Of(place.kind);
  const std::string key = place.ns.empty() ? place.name : place.ns + "/" + place.name;
  const auto at = collection.objects.find(key);
  if (at == collection.objects.end()) return Refusal(404, "NotFound");
  const json body = json::parse(request.body, nullptr, false);
  if (body.is_object() && body.contains("preconditions")) {
    for (const auto& [field, value] : body["preconditions"].items()) {
      if (at->second.object["metadata"][field] != value) return Refusal(409, "Conflict");
    }
  }
  for (const json& owner : at->second.object["metadata"].value("ownerReferences", json::array())) {
    for (const Collection& other : collections_) {
      if (other.info->name != owner.value("kind", std::string())) continue;
      for (const auto& [name, stored] : other.objects) {
        const json& meta = stored.object["metadata"];
        // By name too, as whoever looks for it does: random objects of several names share a uid.
        const bool it = meta.value("uid", std::string()) == owner.value("uid", std::string("none")) &&
                        meta.value("name", std::string()) == owner.value("name", std::string("none"));
        write.owner_lives |= it && !IsControlled(stored.object) && !IsEmptyRollout(stored.object);
      }
    }
  }
  Erase(collection, key);
  write.changed = true;
  return Answer(200, R"({"kind":"Status","status":"Success"})");
}

HttpResponse ApiServer::Lease(const HttpRequest& request) {
  if (request.method == Method::kGet) return lease_.is_null() ? Refusal(404, "NotFound") : Answer(200, lease_.dump());
  json wanted = json::parse(request.body, nullptr, false);
  if (request.method == Method::kPost) {
    if (!lease_.is_null()) return Refusal(409, "AlreadyExists");
  } else {
    if (lease_.is_null()) return Refusal(404, "NotFound");
    if (wanted["metadata"].value("resourceVersion", std::string()) != lease_["metadata"]["resourceVersion"])
      return Refusal(409, "Conflict");
  }
  wanted["metadata"]["resourceVersion"] = std::to_string(++version_);
  made_.emplace_back(version_, clock_.Now());
  lease_ = std::move(wanted);
  return Answer(request.method == Method::kPost ? 201 : 200, lease_.dump());
}

void ApiServer::TakeLease(const std::string& holder) {
  if (lease_.is_null()) return;
  lease_["spec"]["holderIdentity"] = holder;
  lease_["spec"]["leaseDurationSeconds"] = 5;
  lease_["metadata"]["resourceVersion"] = std::to_string(++version_);
}

HttpResponse ApiServer::Serve(std::size_t, const std::string& client, const HttpRequest& request, MonoTime sent) {
  const std::string_view path = PathOf(request.target);
  if (path == "/version") return Answer(200, R"({"major":"1","minor":"36","gitVersion":"v1.36.3"})");
  if (path == "/api" || path == "/apis") return Discovery(path == "/api");
  if (path.starts_with(kLeases)) return Lease(request);
  if (path == kDefinitions)
    return Answer(
        200,
        R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","items":[],"metadata":{"resourceVersion":")" +
            std::to_string(version_) + "\"}}");
  if (path.starts_with("/apis/events.k8s.io/")) {
    ++events_posted_;
    return Answer(201, "{}");
  }
  const std::optional<Place> place = Find(path);
  if (!place || !Of(place->kind).served) return NotServed();
  Collection& collection = Of(place->kind);
  if (request.method == Method::kGet) {
    if (collection.denied) return Refusal(403, "Forbidden", "RBAC");
    if (place->name.empty()) return List(collection, QueryOf(request.target));
    const auto at = collection.objects.find(place->ns.empty() ? place->name : place->ns + "/" + place->name);
    return at == collection.objects.end() ? Refusal(404, "NotFound") : Answer(200, at->second.object.dump());
  }
  Write write;
  write.at = clock_.Now();
  write.sent = sent;
  write.client = client;
  write.method = request.method;
  write.path = path;
  if (lease_.is_object()) {
    write.lease_transitions = lease_["spec"].value("leaseTransitions", std::uint64_t{0});
    write.holder = lease_["spec"].value("holderIdentity", std::string());
  }
  HttpResponse answer =
      request.method == Method::kPatch
          ? (place->subresource == "status" ? ApplyStatus(*place, request, write) : Apply(*place, request, write))
      : request.method == Method::kDelete ? Delete(*place, request, write)
                                          : Refusal(405, "MethodNotAllowed");
  write.status = answer.head.status;
  writes_.push_back(std::move(write));
  return answer;
}

HttpHead ApiServer::Open(std::size_t server, const HttpRequest& request, Watch& watch, std::string& refusal) {
  HttpHead head;
  head.content_type = "application/json";
  const auto refuse = [&](int code, std::string_view reason, std::string_view message = {}) {
    head.status = code;
    refusal = StatusBody(code, reason, message);
    return head;
  };
  const std::string_view path = PathOf(request.target);
  auto query = QueryOf(request.target);
  watch.server = server;
  watch.opened = clock_.Now();
  watch.ends =
      clock_.Now() + std::chrono::seconds(query.contains("timeoutSeconds") ? Number(query["timeoutSeconds"]) : 3000);
  watch.next_bookmark = clock_.Now() + std::chrono::seconds(60);
  if (path == kDefinitions) {
    watch.metadata_only = true;
    watch.sent = Number(query["resourceVersion"]);
  } else {
    const std::optional<Place> place = Find(path);
    if (!place || !Of(place->kind).served) {
      const HttpResponse answer = NotServed();
      refusal = answer.body;
      return answer.head;
    }
    if (Of(place->kind).denied) return refuse(403, "Forbidden", "RBAC");
    watch.kind = place->kind;
    if (query.contains("sendInitialEvents")) {
      if (!streaming_lists_)
        return refuse(422, "Invalid",
                      "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
      watch.initial = version_;
      watch.sent = 0;
    } else {
      watch.sent = Number(query["resourceVersion"]);
    }
  }
  head.status = 200;
  return head;
}

std::uint64_t ApiServer::Begin(Watch watch) {
  const std::uint64_t id = ++watch_ids_;
  watches_.emplace(id, std::move(watch));
  return id;
}

void ApiServer::Restart(std::size_t server) {
  std::vector<std::function<void()>> ends;
  std::erase_if(watches_, [&](auto& one) {
    if (one.second.server != server) return false;
    ends.push_back(one.second.end);
    return true;
  });
  for (const auto& end : ends) end();
}

void ApiServer::Pump() {
  const MonoTime now = clock_.Now();
  std::vector<std::uint64_t> ids;
  for (const auto& [id, watch] : watches_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    const auto at = watches_.find(id);
    if (at == watches_.end()) continue;
    Watch& watch = at->second;
    // Callbacks may end this watch or begin others: what they need is copied.
    const auto line = watch.line;
    const auto end = watch.end;
    const std::uint64_t seen = Seen(watch.server);
    const std::deque<Event>& events = watch.metadata_only ? definitions_ : Of(watch.kind).events;
    std::vector<std::string> lines;
    bool ended = false;
    if (watch.initial != 0 && watch.sent == 0) {
      if (seen < watch.initial) continue;  // the cache catches up first
      const std::string api_version = ApiVersion(*Of(watch.kind).info);
      for (const auto& [key, stored] : Of(watch.kind).objects) {
        if (stored.version <= seen) lines.push_back(Frame("ADDED", stored.object.dump()));
        if (loose_ && lines.size() == 1)
          lines.push_back(Frame("BOOKMARK", json{{"kind", std::string(Of(watch.kind).info->name)},
                                                 {"apiVersion", api_version},
                                                 {"metadata", {{"resourceVersion", std::to_string(version_)}}}}
                                                .dump()));
      }
      // What the state at `seen` had and the store has no longer, or has anew, is told by the events that follow: the
      // list is of the newest state, so it says that version.
      watch.sent = version_;
      for (const auto& [key, stored] : Of(watch.kind).objects) {
        if (stored.version > seen) lines.push_back(Frame("ADDED", stored.object.dump()));
      }
      lines.push_back(Frame("BOOKMARK", json{{"kind", std::string(Of(watch.kind).info->name)},
                                             {"apiVersion", api_version},
                                             {"metadata",
                                              {{"resourceVersion", std::to_string(watch.sent)},
                                               {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}}
                                            .dump()));
    } else if (watch.sent < compacted_ &&
               std::any_of(
                   events.begin(), events.end(),
                   [&](const Event& one) { return one.version > watch.sent && one.version <= compacted_; }) &&
               watch.opened == now) {
      lines.push_back(
          Frame("ERROR", StatusBody(410, "Expired", "too old resource version: " + std::to_string(watch.sent))));
      ended = true;
    } else {
      auto event = std::upper_bound(events.begin(), events.end(), watch.sent,
                                    [](std::uint64_t version, const Event& one) { return version < one.version; });
      for (; event != events.end() && event->version <= seen; ++event)
        lines.push_back(Frame(event->type, event->object));
      watch.sent = std::max(watch.sent, seen);
    }
    if (!ended && bookmarks_ && now >= watch.next_bookmark) {
      watch.next_bookmark = now + std::chrono::seconds(60);
      const std::string kind = watch.metadata_only ? "PartialObjectMetadata" : std::string(Of(watch.kind).info->name);
      const std::string api_version = watch.metadata_only ? "meta.k8s.io/v1" : ApiVersion(*Of(watch.kind).info);
      lines.push_back(Frame("BOOKMARK", json{{"kind", kind},
                                             {"apiVersion", api_version},
                                             {"metadata", {{"resourceVersion", std::to_string(watch.sent)}}}}
                                            .dump()));
    }
    ended = ended || now >= watch.ends;
    if (ended) watches_.erase(at);
    for (std::string& one : lines) line(std::move(one));
    if (ended) end();
  }
}

}  // namespace seaworthy::sim
