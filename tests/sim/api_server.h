// A model of the API server, under virtual time: one store with revisions, behind it two servers whose watch caches lag
// by a while of their own.
//
// What clients see of a real one is modelled where RELIABILITY.md section 1 depends on it: consistent lists and
// streaming lists that wait for the cache, pages of one state, watches from a version on, bookmarks, compaction (410 as
// a status and as an event), streams that end by themselves, server-side apply with preconditions, leases, garbage
// collection by owner, kinds that are not served, denied permissions. Faults of the way to it are link.h's.
//
// Single-threaded, on the loop.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/kind.h"
#include "seaworthy/transport.h"
#include "support/manual_loop.h"

namespace seaworthy::sim {

using nlohmann::json;

struct Stored {
  json object;
  std::uint64_t version = 0;
};

// A request that changed something, or was to.
struct Write {
  MonoTime at;    // when it arrived
  MonoTime sent;  // nobody can take back what is under way
  std::string client;
  Method method;
  std::string path;
  int status = 0;
  bool changed = false;
  bool owner_lives = false;             // a report was deleted whose subject is there, and no part of another
  std::uint64_t lease_transitions = 0;  // of whoever held the lease when it was made
  std::string holder;
};

class ApiServer {
 public:
  static constexpr std::size_t kServers = 2;

  ApiServer(support::ManualLoop& loop, support::ManualClock& clock) : loop_(loop), clock_(clock) {}

  // ---- the world's side
  // Creates or replaces; the object gets its version, and a uid unless it has one.
  void Put(Kind kind, json object);
  void Remove(Kind kind, const std::string& key);
  const std::map<std::string, Stored>& objects(Kind kind) const { return Of(kind).objects; }
  // An optional kind comes and goes, with its objects; `defined`: by a definition, else as those of an aggregated
  // server do, of which nobody is told.
  void SetServed(Kind kind, bool served, bool defined);
  bool served(Kind kind) const { return Of(kind).served; }
  void SetDenied(Kind kind, bool denied) { Of(kind).denied = denied; }
  bool denied(Kind kind) const { return Of(kind).denied; }
  // Everything older than now is forgotten: watches from before it get a 410.
  void Compact() { compacted_ = version_; }
  void SetLag(std::size_t server, Duration lag) { lag_[server] = lag; }
  void SetBookmarks(bool on) { bookmarks_ = on; }
  void SetStreamingLists(bool on) { streaming_lists_ = on; }
  // What clients may not rely on: a bookmark comes before the initial events are complete, and a page that follows may
  // be of the newest state.
  void SetLoose(bool on) { loose_ = on; }
  // Deletes what is owned by nobody who is there, as the controller manager's garbage collector.
  void CollectGarbage();

  // ---- the clients' side; `server` is the one that is asked
  HttpResponse Serve(std::size_t server, const std::string& client, const HttpRequest& request, MonoTime sent);
  // How far the server's cache is behind: a consistent read waits as long.
  Duration lag(std::size_t server) const { return lag_[server]; }

  // A watch. `line`: a frame without its newline; `end`: the server ends the stream.
  struct Watch {
    std::size_t server = 0;
    Kind kind = Kind::kPod;
    bool metadata_only = false;  // of CustomResourceDefinitions
    std::uint64_t sent = 0;
    std::uint64_t initial = 0;  // a streaming list: the version at which the initial events end; 0: none
    MonoTime opened, ends, next_bookmark;
    std::function<void(std::string line)> line;
    std::function<void()> end;
  };
  // The head of the answer; with 200 `watch` is filled but for its callbacks, and Begin starts it.
  HttpHead Open(std::size_t server, const HttpRequest& request, Watch& watch, std::string& refusal);
  std::uint64_t Begin(Watch watch);
  void End(std::uint64_t id) { watches_.erase(id); }
  // Sends what is due; called whenever the clock has moved or something has changed.
  void Pump();
  // Ends all streams of a server, as its restart does.
  void Restart(std::size_t server);

  const std::vector<Write>& writes() const { return writes_; }
  // Bodies that no server would read.
  const std::vector<std::string>& malformed() const { return malformed_; }
  // Writes to our own kinds that changed nothing.
  std::uint64_t version() const { return version_; }
  json lease() const { return lease_; }
  void TakeLease(const std::string& holder);
  std::uint64_t events_posted() const { return events_posted_; }

 private:
  struct Event {
    std::uint64_t version;
    MonoTime at;
    const char* type;
    std::string object;
  };
  struct Collection {
    const KindInfo* info = nullptr;
    bool served = true, denied = false;
    std::map<std::string, Stored> objects;
    std::deque<Event> events;
  };
  struct Page {
    std::vector<std::string> objects;
    std::uint64_t version;
    std::size_t next;
  };
  struct Place {
    Kind kind;
    std::string ns, name, subresource;
  };

  Collection& Of(Kind kind) { return collections_[static_cast<std::size_t>(kind)]; }
  const Collection& Of(Kind kind) const { return collections_[static_cast<std::size_t>(kind)]; }
  std::optional<Place> Find(std::string_view path) const;
  void Record(Collection& collection, const char* type, const json& object);
  void Erase(Collection& collection, const std::string& key);
  HttpResponse Discovery(bool core) const;
  HttpResponse List(Collection& collection, const std::map<std::string, std::string>& query);
  HttpResponse Apply(const Place& place, const HttpRequest& request, Write& write);
  HttpResponse ApplyStatus(const Place& place, const HttpRequest& request, Write& write);
  HttpResponse Delete(const Place& place, const HttpRequest& request, Write& write);
  HttpResponse Lease(const HttpRequest& request);
  // The newest version that the server's cache has.
  std::uint64_t Seen(std::size_t server) const;

  support::ManualLoop& loop_;
  support::ManualClock& clock_;
  std::vector<Collection> collections_ = MakeCollections();
  static std::vector<Collection> MakeCollections();
  std::uint64_t version_ = 1000, compacted_ = 0, uids_ = 0, watch_ids_ = 0, pages_made_ = 0, loosened_ = 0,
                events_posted_ = 0;
  std::deque<std::pair<std::uint64_t, MonoTime>> made_;  // versions and when, for the caches' lag
  std::deque<Event> definitions_;                        // of CustomResourceDefinitions, whose objects nobody reads
  Duration lag_[kServers] = {};
  bool bookmarks_ = true, streaming_lists_ = true, loose_ = false;
  std::map<std::uint64_t, Watch> watches_;
  std::map<std::string, Page> pages_;
  std::vector<Write> writes_;
  std::vector<std::string> malformed_;
  json lease_;  // null: none
};

// "namespace/name", or the name of what has no namespace.
std::string KeyOf(const json& object);
std::string UidOf(std::string_view name);
// All uids below it as a real server writes them, made from what they were.
void MakeUids(json& object);

}  // namespace seaworthy::sim
