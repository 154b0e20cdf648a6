#include "testing/random_cluster.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "support/json.h"

namespace seaworthy::testing {

using nlohmann::json;

RandomCluster::RandomCluster(std::uint64_t seed, std::vector<std::string> namespaces, const ObjectDecoder& decoder)
    : universe_(seed, std::move(namespaces)), decoder_(decoder), tables_(kKindCount) {}

std::vector<WatchEvent> RandomCluster::Empty() {
  std::vector<WatchEvent> events;
  for (const KindInfo& info : KindTable()) {
    events.push_back({EventType::kInit, info.kind, nullptr, {}});
    events.push_back({EventType::kInitDone, info.kind, nullptr, {}});
  }
  return events;
}

std::size_t RandomCluster::objects() const {
  std::size_t total = 0;
  for (const Table& table : tables_) total += table.told.size();
  return total;
}

std::string RandomCluster::KeyOf(const json& object) {
  const json& meta = object["metadata"];
  const std::string ns = meta.value("namespace", "");
  return ns.empty() ? meta["name"].get<std::string>() : ns + "/" + meta["name"].get<std::string>();
}

WatchEvent RandomCluster::Event(EventType type, Kind kind, const json& object) const {
  support::Tree tree;
  if (!support::ParseJson(object.dump(), tree).ok()) std::abort();
  Result<ObjectPtr> decoded = decoder_.Decode(kind, tree.root());
  if (!decoded.ok()) {
    std::fprintf(stderr, "the universe's object does not decode: %s\n%s\n", decoded.status().message().c_str(),
                 object.dump().c_str());
    std::abort();
  }
  return {type, kind, std::move(*decoded), {}};
}

std::pair<std::string, bool> RandomCluster::Change(Kind kind, std::int64_t now) {
  Objects& there = tables_[static_cast<std::size_t>(kind)].there;
  if (!there.empty() && universe_.Chance(8)) {
    const auto gone = std::next(there.begin(), static_cast<std::ptrdiff_t>(universe_.Below(there.size())));
    const std::string key = gone->first;
    there.erase(gone);
    return {key, false};
  }
  json object;
  if (!there.empty() && universe_.Chance(3)) {
    object = std::next(there.begin(), static_cast<std::ptrdiff_t>(universe_.Below(there.size())))->second;
    universe_.Nudge(object, now);
  } else {
    object = universe_.Object(kind, now);
  }
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  std::string key = KeyOf(object);
  there[key] = std::move(object);
  return {std::move(key), true};
}

std::string RandomCluster::AnyTold(Kind kind) {
  const Objects& told = tables_[static_cast<std::size_t>(kind)].told;
  if (told.empty()) return {};
  return std::next(told.begin(), static_cast<std::ptrdiff_t>(universe_.Below(told.size())))->first;
}

void RandomCluster::Snapshot(Kind kind, std::vector<WatchEvent>& events) {
  Table& table = tables_[static_cast<std::size_t>(kind)];
  std::vector<std::string> keys;
  for (const auto& [key, object] : table.there) keys.push_back(key);
  std::shuffle(keys.begin(), keys.end(), universe_.random());
  // A list that broke off leaves nothing behind.
  if (!keys.empty() && universe_.Chance(4)) {
    events.push_back({EventType::kInit, kind, nullptr, {}});
    events.push_back(Event(EventType::kInitApply, kind, table.there[keys.front()]));
  }
  events.push_back({EventType::kInit, kind, nullptr, {}});
  Objects told;
  std::map<std::string, bool> unreadable;
  for (const std::string& key : keys) {
    if (universe_.Chance(20)) {
      events.push_back({EventType::kUnreadable, kind, nullptr, key + ": nested too deeply"});
      unreadable[key] = true;
      if (const auto old = table.told.find(key); old != table.told.end()) told[key] = old->second;
      continue;
    }
    const json& object = table.there[key];
    if (universe_.Chance(20)) events.push_back(Event(EventType::kInitApply, kind, object));
    events.push_back(Event(EventType::kInitApply, kind, object));
    told[key] = object;
  }
  events.push_back({EventType::kGap, kind, nullptr, {}});
  events.push_back({EventType::kInitDone, kind, nullptr, {}});
  table.told = std::move(told);
  table.unreadable = std::move(unreadable);
}

void RandomCluster::ChangeState(Kind kind, std::int64_t now, std::vector<WatchEvent>& events) {
  Table& table = tables_[static_cast<std::size_t>(kind)];
  switch (table.state) {
    case State::kLive:
      if (universe_.Chance(2)) {
        table.state = State::kDenied;
        events.push_back({EventType::kDenied, kind, nullptr, "forbidden"});
      } else {
        table.state = State::kAbsent;
        table.there.clear();
        table.told.clear();
        table.unreadable.clear();
        events.push_back({EventType::kAbsent, kind, nullptr, "not served"});
      }
      return;
    case State::kDenied:
    case State::kAbsent:
      for (std::size_t i = universe_.Below(4); i > 0; --i) Change(kind, now);
      table.state = State::kLive;
      Snapshot(kind, events);
      events.push_back({EventType::kLive, kind, nullptr, {}});
      return;
  }
}

std::vector<WatchEvent> RandomCluster::Step(std::int64_t now) {
  std::vector<WatchEvent> events;
  const Kind kind = universe_.AnyKind();
  Table& table = tables_[static_cast<std::size_t>(kind)];
  last_ = std::string(Info(kind).name) + ": ";
  const std::size_t what = universe_.Below(100);
  if (what < 2) {
    last_ += "the source comes or goes";
    ChangeState(kind, now, events);
    return events;
  }
  // Most of the time everything is served.
  for (const KindInfo& info : KindTable()) {
    if (tables_[static_cast<std::size_t>(info.kind)].state == State::kLive || !universe_.Chance(8)) continue;
    last_ = std::string(info.name) + ": the source comes back";
    ChangeState(info.kind, now, events);
    return events;
  }
  if (what < 10 && table.state == State::kLive) {
    last_ += "snapshot";
    for (std::size_t i = universe_.Below(6); i > 0; --i) Change(kind, now);
    Snapshot(kind, events);
    return events;
  }
  if (what < 18 && table.state == State::kLive) {
    const std::string key = AnyTold(kind);
    if (key.empty()) return events;
    last_ += key;
    switch (universe_.Below(4)) {
      case 0:
        last_ += " told twice";
        if (!table.unreadable.contains(key)) events.push_back(Event(EventType::kApply, kind, table.told[key]));
        break;
      case 1: {
        last_ += ", an earlier one is deleted";
        json earlier = table.told[key];
        earlier["metadata"]["uid"] = "of-an-earlier-one";
        events.push_back(Event(EventType::kDelete, kind, earlier));
        break;
      }
      case 2:
        last_ += " cannot be read";
        table.unreadable[key] = true;
        events.push_back({EventType::kUnreadable, kind, nullptr, key + ": nested too deeply"});
        break;
      default:
        last_ += ", the stream breaks and resumes";
        events.push_back({EventType::kStalled, kind, nullptr, "no answer"});
        events.push_back({EventType::kGap, kind, nullptr, {}});
        events.push_back({EventType::kLive, kind, nullptr, {}});
        break;
    }
    return events;
  }
  const auto [key, exists] = Change(kind, now);
  last_ += key + (exists ? " changes" : " is deleted");
  if (table.state != State::kLive) return events;
  table.unreadable.erase(key);
  if (exists) {
    table.told[key] = table.there[key];
    events.push_back(Event(EventType::kApply, kind, table.told[key]));
  } else if (const auto told = table.told.find(key); told != table.told.end()) {
    events.push_back(Event(EventType::kDelete, kind, told->second));
    table.told.erase(told);
  }
  return events;
}

std::vector<WatchEvent> RandomCluster::Retell(std::uint64_t shuffle) const {
  std::mt19937_64 random(shuffle);
  std::vector<Kind> kinds;
  for (const KindInfo& info : KindTable()) kinds.push_back(info.kind);
  std::shuffle(kinds.begin(), kinds.end(), random);
  std::vector<WatchEvent> events;
  for (const Kind kind : kinds) {
    const Table& table = tables_[static_cast<std::size_t>(kind)];
    if (table.state == State::kAbsent) {
      events.push_back({EventType::kAbsent, kind, nullptr, "not served"});
      continue;
    }
    std::vector<const json*> objects;
    for (const auto& [key, object] : table.told) objects.push_back(&object);
    std::shuffle(objects.begin(), objects.end(), random);
    events.push_back({EventType::kInit, kind, nullptr, {}});
    for (const json* object : objects) events.push_back(Event(EventType::kInitApply, kind, *object));
    events.push_back({EventType::kInitDone, kind, nullptr, {}});
    for (const auto& [key, unreadable] : table.unreadable)
      events.push_back({EventType::kUnreadable, kind, nullptr, key + ": nested too deeply"});
    if (table.state == State::kDenied) events.push_back({EventType::kDenied, kind, nullptr, "forbidden"});
  }
  return events;
}

}  // namespace seaworthy::testing
