#include "sim/simulation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "sim/api_server.h"
#include "sim/process.h"
#include "sinks/audit_report/json.h"
#include "support/log.h"
#include "testing/universe.h"

namespace seaworthy::sim {
namespace {

// clang-format off
constexpr Scenario kScenarios[] = {
    {.name = "calm"},
    {.name = "pages_without_bookmarks", .weather = {.refused = 5, .cut = 5}, .compacted = 20, .bookmarks = false, .streaming_lists = false, .loose = true},
    {.name = "bad_line", .weather = {.refused = 30, .lost_answer = 30, .late = 30, .cut = 20, .dead = 5, .ended = 20}, .loose = true},
    {.name = "overloaded", .weather = {.late = 50, .throttled = 60, .failed = 60, .error_event = 10}},
    {.name = "servers_come_and_go", .weather = {.refused = 10, .expired_event = 5}, .down = 10, .held = 6, .restarted = 20, .compacted = 20, .lagging = 30, .moved = 30},
    {.name = "killed_and_stopped", .weather = {.lost_answer = 10, .late = 20}, .held = 5, .stopped = 8, .killed = 12, .lease_taken = 4},
    {.name = "permissions_and_kinds", .weather = {.unauthorized = 10}, .denied = 20, .unserved = 20, .tampered = 30},
    {.name = "everything",
     .weather = {.refused = 10, .lost_answer = 10, .late = 15, .throttled = 10, .failed = 10, .unauthorized = 4, .cut = 5, .dead = 2, .ended = 5, .error_event = 3, .expired_event = 3},
     .down = 4, .held = 3, .stopped = 3, .killed = 4, .restarted = 5, .compacted = 8, .lagging = 8, .moved = 8, .denied = 6, .unserved = 6, .lease_taken = 2, .tampered = 8},
};
// clang-format on

// Denials are asked about again within five minutes, kinds looked for within twelve; what is held back waits ten.
// The objects' own times lie within the last hour, and some windows are an hour long.
constexpr Duration kCalm = std::chrono::minutes(150);
// Within the last of them nothing is written any more but what the time itself has turned.
constexpr Duration kSilent = std::chrono::minutes(12);

// Without what only who was there all the time knows: since when findings of nodes, namespaces and the cluster stand,
// whose reports keep no evidence.
json ReportOf(Process& process) {
  std::string text;
  sinks::audit_report::WriteJson(process.core->engine(), {}, [&](std::string_view piece) { text += piece; });
  json report = json::parse(text);
  const auto strip = [](json& subject) {
    if (!subject.contains("findings")) return;
    for (json& finding : subject["findings"]) finding.erase("since");
  };
  for (json& one : report["namespaces"]) strip(one);
  for (json& one : report["nodes"]) strip(one);
  strip(report["cluster"]);
  return report;
}

class Simulation {
 public:
  Simulation(const Scenario& scenario, std::uint64_t seed)
      : scenario_(scenario), seed_(seed), rng_(seed), universe_(seed * 31 + 5, {"shop", "blog", "tools"}) {}

  Outcome Run();

 private:
  bool Chance(int per_thousand) {
    return per_thousand > 0 && rng_.Next() % 1000 < static_cast<std::uint64_t>(per_thousand);
  }
  std::uint64_t Below(std::uint64_t limit) { return rng_.Next() % limit; }
  std::int64_t NowSeconds() const {
    return std::chrono::floor<std::chrono::seconds>(clock_.Wall()).time_since_epoch().count();
  }
  void Tick();
  void Change();
  Kind WatchedKind();
  void Trouble();
  void Later(Duration delay, std::function<void()> fn) { loop_.PostAfter(delay, std::move(fn)); }
  Duration Seconds(std::uint64_t most) { return std::chrono::milliseconds(100 + Below(most * 1000)); }
  void StartProcess(std::size_t index);
  void Heal();
  void Check(Outcome& outcome);
  void CheckWire(Process& process);
  void CheckWorld(Process& process, Outcome& outcome);
  void CheckReports(Outcome& outcome);
  void CheckHistory(Outcome& outcome);

  const Scenario& scenario_;
  const std::uint64_t seed_;
  support::SeededRng rng_;
  support::ManualClock clock_;
  support::ManualLoop loop_{clock_};
  ApiServer server_{loop_, clock_};
  testing::Universe universe_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::uint64_t born_ = 0, changes_ = 0;
  bool calm_ = false;
  std::vector<std::string> wire_problems_;
};

void Simulation::StartProcess(std::size_t index) {
  if (processes_[index] != nullptr) CheckWire(*processes_[index]);
  processes_[index].reset();
  // A new life has a new name, as a pod has.
  const std::string name = "operator-" + std::to_string(++born_);
  processes_[index] =
      std::make_unique<Process>(Process::Options{.name = name, .seed = seed_ * 131 + born_}, server_, loop_, clock_);
  processes_[index]->link.SetServer(Below(ApiServer::kServers));
  if (!calm_) processes_[index]->link.SetWeather(scenario_.weather);
}

void Simulation::Tick() {
  server_.Pump();
  loop_.PostAfter(std::chrono::seconds(calm_ ? 10 : 1), [this] { Tick(); });
}

Kind Simulation::WatchedKind() {
  while (true) {
    const Kind kind = universe_.AnyKind();
    if (Info(kind).feed == Feed::kWatch && !Process::Off().Has(kind)) return kind;
  }
}

// A kubelet says when a container that restarted had ended.
void SayWhenItEnded(json& object, std::int64_t now) {
  if (!object.contains("status") || !object["status"].contains("containerStatuses")) return;
  for (json& status : object["status"]["containerStatuses"]) {
    if (status.value("restartCount", 0) > 0 && !status.contains("lastState"))
      status["lastState"]["terminated"] = {
          {"exitCode", 1}, {"reason", "Error"}, {"finishedAt", testing::TimeText(now)}};
  }
}

void Simulation::Change() {
  ++changes_;
  const Kind kind = WatchedKind();
  const auto& objects = server_.objects(kind);
  const std::uint64_t what = Below(10);
  if (objects.empty() || what < 4 || (kind == Kind::kNamespace && what >= 8)) {
    json object = universe_.Object(kind, NowSeconds());
    SayWhenItEnded(object, NowSeconds());
    server_.Put(kind, std::move(object));
  } else {
    auto one = objects.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(Below(objects.size())));
    if (what < 8) {
      json object = one->second.object;
      universe_.Nudge(object, NowSeconds());
      SayWhenItEnded(object, NowSeconds());
      if (object != one->second.object) server_.Put(kind, std::move(object));
    } else {
      server_.Remove(kind, std::string(one->first));
    }
  }
  server_.Pump();
}

void Simulation::Trouble() {
  Process& process = *processes_[Below(processes_.size())];
  const std::string name = process.name;
  const auto find = [this, name]() -> Process* {
    for (const auto& one : processes_) {
      if (one->name == name) return one.get();
    }
    return nullptr;  // it has been killed meanwhile
  };
  if (Chance(scenario_.down)) {
    process.link.SetDown(true);
    Later(Seconds(90), [find] {
      if (Process* one = find()) one->link.SetDown(false);
    });
  }
  if (Chance(scenario_.held)) {
    process.link.SetHeld(true);
    Later(Seconds(240), [find] {
      if (Process* one = find()) one->link.SetHeld(false);
    });
  }
  if (Chance(scenario_.stopped)) {
    process.SetStopped(true);
    Later(Seconds(60), [find] {
      if (Process* one = find()) one->SetStopped(false);
    });
  }
  if (Chance(scenario_.moved)) process.link.SetServer(Below(ApiServer::kServers));
  if (Chance(scenario_.restarted)) server_.Restart(Below(ApiServer::kServers));
  if (Chance(scenario_.compacted)) server_.Compact();
  if (Chance(scenario_.lagging))
    server_.SetLag(Below(ApiServer::kServers), Chance(500) ? Seconds(20) : Duration::zero());
  if (Chance(scenario_.denied)) {
    const Kind kind = WatchedKind();
    server_.SetDenied(kind, true);
    Later(Seconds(400), [this, kind] { server_.SetDenied(kind, false); });
  }
  if (Chance(scenario_.unserved)) {
    const Kind kind = WatchedKind();
    if (!Info(kind).required && Info(kind).group.find('.') != std::string_view::npos &&
        !Info(kind).group.ends_with(".k8s.io") && Info(kind).group != "audit.seaworthy.dev")
      server_.SetServed(kind, !server_.served(kind), Chance(500));
  }
  if (Chance(scenario_.lease_taken)) server_.TakeLease("somebody");
  if (Chance(scenario_.tampered)) {
    const auto& audits = server_.objects(Kind::kWorkloadAudit);
    if (!audits.empty()) {
      auto one = audits.begin();
      std::advance(one, static_cast<std::ptrdiff_t>(Below(audits.size())));
      if (Chance(500)) {
        server_.Remove(Kind::kWorkloadAudit, std::string(one->first));
      } else {
        json object = one->second.object;
        object["status"]["score"] = 100;
        server_.Put(Kind::kWorkloadAudit, std::move(object));
      }
    }
  }
  if (Chance(scenario_.killed)) {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (processes_[i]->name == name) StartProcess(i);
    }
  }
}

void Simulation::Heal() {
  calm_ = true;
  for (const auto& process : processes_) {
    process->link.SetWeather({});
    process->SetStopped(false);
    process->link.SetHeld(false);
    process->link.SetDown(false);
  }
  for (const KindInfo& info : KindTable()) server_.SetDenied(info.kind, false);
  for (std::size_t server = 0; server < ApiServer::kServers; ++server) server_.SetLag(server, {});
  server_.SetBookmarks(scenario_.bookmarks);
}

Outcome Simulation::Run() {
  const MonoTime begin = clock_.Now();
  server_.SetBookmarks(scenario_.bookmarks);
  server_.SetStreamingLists(scenario_.streaming_lists);
  server_.SetLoose(scenario_.loose);
  for (const char* ns : {"shop", "blog", "tools"})
    server_.Put(Kind::kNamespace, {{"metadata", {{"name", ns}, {"uid", std::string("Namespace/") + ns}}}});
  for (int i = 0; i < 120; ++i) Change();
  Tick();
  const auto collect = [this](auto& self) -> void {
    server_.CollectGarbage();
    server_.Pump();
    Later(std::chrono::seconds(10), [this, &self] { self(self); });
  };
  collect(collect);
  for (int i = 0; i < scenario_.processes; ++i) {
    processes_.emplace_back();
    StartProcess(processes_.size() - 1);
  }
  const MonoTime storm_ends = begin + scenario_.stormy;
  while (clock_.Now() < storm_ends) {
    loop_.Advance(std::chrono::milliseconds(
        1 + Below(2 * static_cast<std::uint64_t>(
                          std::chrono::duration_cast<std::chrono::milliseconds>(scenario_.change_every).count()))));
    Change();
    Trouble();
  }
  Heal();
  loop_.Advance(kCalm);

  Outcome outcome;
  Check(outcome);
  outcome.virtual_hours = std::chrono::duration<double>(clock_.Now() - begin).count() / 3600;
  outcome.changes = changes_;
  for (const auto& process : processes_) outcome.requests += process->link.requests();
  outcome.writes = server_.writes().size();
  return outcome;
}

void Simulation::CheckWorld(Process& process, Outcome& outcome) {
  const cache::World& world = process.core->world();
  for (const KindInfo& info : KindTable()) {
    if (info.feed != Feed::kWatch || Process::Off().Has(info.kind)) continue;
    const std::string where = process.name + ": " + std::string(info.name);
    if (!server_.served(info.kind)) {
      if (world.State(info.kind) != SourceState::kAbsent)
        outcome.problems.push_back(where + " is not served, and is not known to be absent");
      continue;
    }
    if (world.State(info.kind) != SourceState::kLive) {
      outcome.problems.push_back(where + " is served, and is not live");
      continue;
    }
    // Where a write of its own and a list disagree, who follows cannot ask which is newer: who leads does.
    if (info.group == "audit.seaworthy.dev" && info.name.ends_with("Audit") && !process.leads) continue;
    std::map<std::string, std::uint64_t> known;
    process.core->ForEach(info.kind,
                          [&](std::string_view ns, std::string_view name, const Uid&, std::uint64_t version) {
                            known[ns.empty() ? std::string(name) : std::string(ns) + "/" + std::string(name)] = version;
                          });
    for (const auto& [key, stored] : server_.objects(info.kind)) {
      const auto found = known.find(key);
      if (found == known.end()) {
        outcome.problems.push_back(where + " " + key + " is missing");
      } else if (found->second != stored.version) {
        outcome.problems.push_back(where + " " + key + " is at " + std::to_string(found->second) + " and not at " +
                                   std::to_string(stored.version));
      }
    }
    if (known.size() != server_.objects(info.kind).size())
      outcome.problems.push_back(where + ": " + std::to_string(known.size()) + " are known of " +
                                 std::to_string(server_.objects(info.kind).size()));
  }
}

// How it listed and watched.
void Simulation::CheckWire(Process& process) {
  for (const std::string& problem : process.link.judge().problems())
    wire_problems_.push_back(process.name + ": " + problem);
  if (process.gave_up != 0) wire_problems_.push_back(process.name + ": gave up the lead though the lease was its own");
  for (const KindInfo& info : KindTable()) {
    const api::WatcherStats* stats = process.watches->stats(info.kind);
    if (stats == nullptr) continue;
    const auto relists = stats->relists.find("decode_error");
    // The servers write no wrong frame; what is cut off is none.
    if (stats->unreadable != 0 || relists != stats->relists.end())
      wire_problems_.push_back(process.name + ": took for a frame what is none: " + std::string(info.name));
  }
}

void Simulation::CheckReports(Outcome& outcome) {
  Process* leader = nullptr;
  for (const auto& process : processes_) {
    if (!process->leads) continue;
    if (leader != nullptr) outcome.problems.push_back("both lead");
    leader = process.get();
  }
  if (leader == nullptr) {
    outcome.problems.push_back("nobody leads");
    return;
  }
  // What a process says that comes now and looks once.
  Process fresh({.name = "fresh", .writes = false, .seed = seed_ * 977}, server_, loop_, clock_);
  for (int i = 0; i < 600 && !fresh.ready; ++i) loop_.Advance(std::chrono::seconds(1));
  if (!fresh.ready) outcome.problems.push_back("a fresh process does not become ready");
  // What it is to say only once it has lasted for ten minutes.
  loop_.Advance(std::chrono::minutes(12));
  const json theirs = ReportOf(fresh), ours = ReportOf(*leader);
  if (theirs != ours) {
    std::string differences;
    std::size_t shown = 0;
    for (const json& step : json::diff(theirs, ours)) {
      const json::json_pointer at(step["path"].get<std::string>());
      if (++shown > 6) break;
      differences += "\n    " + step["path"].get<std::string>() + ": " + step.value("value", json()).dump() +
                     " where a fresh one says " + (theirs.contains(at) ? theirs[at].dump() : "nothing");
      // Whose it is.
      for (json::json_pointer up = at; !up.empty(); up = up.parent_pointer()) {
        if (ours.contains(up) && ours[up].is_object() && (ours[up].contains("check") || ours[up].contains("name")))
          differences += " [" + ours[up].value("check", ours[up].value("name", std::string())) + "]";
      }
    }
    outcome.problems.push_back("the leader's audit differs from a fresh one:" + differences);
  }
  std::set<std::string> expected;
  for (const std::uint32_t id : leader->core->engine().WorkloadIds()) {
    const WorkloadReport report = leader->core->engine().ReportOf(id);
    const std::string what =
        std::string(report.namespace_) + "/" + std::string(report.kind) + "/" + std::string(report.name);
    bool found = false;
    for (const auto& [key, stored] : server_.objects(Kind::kWorkloadAudit)) {
      const json& status = stored.object["status"];
      if (stored.object["metadata"]["namespace"] != std::string(report.namespace_) ||
          status["subject"].value("kind", "") != report.kind || status["subject"].value("name", "") != report.name)
        continue;
      found = true;
      expected.insert(key);
      const std::optional<int> shown = report.summary.shown();
      if (status.contains("score") != shown.has_value() || (shown && status["score"] != *shown))
        outcome.problems.push_back("the report of " + what + " says score " + status.value("score", json()).dump());
      const std::string evidence = leader->core->EvidenceOf(id);
      if (status.value("evidence", json()) != (evidence.empty() ? json() : json::parse(evidence)))
        outcome.problems.push_back("the report of " + what + " keeps " + status.value("evidence", json()).dump() +
                                   " and not " + evidence);
    }
    if (!found) outcome.problems.push_back("no report of " + what);
  }
  for (const auto& [key, stored] : server_.objects(Kind::kWorkloadAudit)) {
    if (!expected.contains(key))
      outcome.problems.push_back("a report of nothing: " + key + ", owned by " +
                                 stored.object["metadata"].value("ownerReferences", json()).dump());
  }
}

// What an observer reads in the server's audit log.
void Simulation::CheckHistory(Outcome& outcome) {
  for (const std::string& body : server_.malformed()) outcome.problems.push_back("sent what is no JSON: " + body);
  const MonoTime silent_from = clock_.Now() - kSilent;
  std::string writer;
  std::map<std::string, MonoTime> deposed;  // since when another one writes
  std::map<std::string, MonoTime> created;
  std::map<std::string, int> late;
  std::map<std::string, const Write*> last;  // by path: what changed it last
  for (const Write& write : server_.writes()) {
    const std::string what = write.client + " " + std::string(MethodName(write.method)) + " " + write.path;
    // A verdict may turn by time alone (restarts are counted within 24 hours), which is written once.
    if (write.at > silent_from && (!write.changed || ++late[write.path] > 1))
      outcome.problems.push_back("still written after all has been quiet: " + what + " (" +
                                 std::to_string(write.status) + ")");
    // One of that name with another uid takes its place: the report of the former goes, and that of the new one comes.
    const bool replaced = std::any_of(server_.writes().begin(), server_.writes().end(), [&](const Write& next) {
      return next.path == write.path && next.status == 201 && next.at >= write.at &&
             next.at - write.at < std::chrono::minutes(1);
    });
    if (write.owner_lives && !replaced)
      outcome.problems.push_back("a report was deleted whose subject is there: " + what);
    const auto before = last.find(write.path);
    // What was on its way when another write arrived knew nothing of that one.
    const bool unaware = before != last.end() && before->second->at > write.sent;
    // Nor does a new leader of what the old one wrote last, while its server's cache or its stream lags.
    const bool unseen = before != last.end() && before->second->client != write.client &&
                        write.at - before->second->at < std::chrono::minutes(1);
    if (write.status == 200 && !write.changed && !unaware && !unseen)
      outcome.problems.push_back("written a second time with the same content: " + what);
    if (!write.changed) continue;
    // The version in a body keeps it from that, where there was one to name: a creation cannot say that there is none.
    if (write.status == 201) created[write.path] = write.at;
    const auto there = created.find(write.path);
    if (unaware && before->second->client != write.client && there != created.end() && there->second <= write.sent)
      outcome.problems.push_back("an old write went over the newer one of another: " + what);
    last[write.path] = &write;
    if (write.client == writer) continue;
    // Who comes back must have been given the lease again; a deposed one that goes on writing has not. What it sent
    // before may still arrive.
    if (const auto since = deposed.find(write.client); since != deposed.end() && write.holder != write.client) {
      if (since->second <= write.sent) outcome.problems.push_back("a deposed leader wrote: " + what);
      continue;
    }
    deposed.erase(write.client);
    if (!writer.empty()) deposed[writer] = write.at;
    writer = write.client;
  }
}

void Simulation::Check(Outcome& outcome) {
  for (const auto& process : processes_) {
    if (!process->ready) outcome.problems.push_back(process->name + " is not ready");
    CheckWorld(*process, outcome);
    CheckWire(*process);
  }
  outcome.problems.insert(outcome.problems.end(), wire_problems_.begin(), wire_problems_.end());
  CheckHistory(outcome);
  CheckReports(outcome);
}

}  // namespace

std::span<const Scenario> Scenarios() { return kScenarios; }

Outcome RunSeed(const Scenario& scenario, std::uint64_t seed) {
  support::log::Options quiet;
  quiet.level = support::log::Level::kError;
  support::log::Configure(std::move(quiet));
  return Simulation(scenario, seed).Run();
}

}  // namespace seaworthy::sim
