#include "api/watch_manager.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/classify.h"

namespace seaworthy::api {
namespace {

// Between two runs that something asked for: watchers of a group that went away find out together.
constexpr Duration kDiscoveryPause = std::chrono::seconds(1);
// The server's discovery document follows a CRD's Established condition by some seconds; one look after the first
// event, one after.
constexpr Duration kCrdSoon = std::chrono::seconds(1), kCrdLater = std::chrono::seconds(5);

}  // namespace

WatchManager::WatchManager(Transport* transport, Executor* executor, const Clock* clock, Rng* rng,
                           const ObjectDecoder* decoder, WatchSink* sink)
    : WatchManager(transport, executor, clock, rng, decoder, sink, Options()) {}

WatchManager::WatchManager(Transport* transport, Executor* executor, const Clock* clock, Rng* rng,
                           const ObjectDecoder* decoder, WatchSink* sink, Options options)
    : transport_(transport),
      executor_(executor),
      clock_(clock),
      rng_(rng),
      decoder_(decoder),
      sink_(sink),
      options_(options),
      discovery_(transport),
      crds_(transport, executor, clock, rng, [this] { OnCrdChange(); }) {
  const WatcherParts parts{transport, executor, clock, rng, decoder, sink, static_cast<WatcherHost*>(this),
                           &tree_,    &small_};
  for (const KindInfo& info : KindTable()) {
    if (options_.kinds.Has(info.kind) && info.feed != Feed::kTold)
      watchers_[static_cast<std::size_t>(info.kind)] = std::make_unique<Watcher>(parts, info.kind);
  }
}

WatchManager::~WatchManager() {
  Stop();
  // They say goodbye to us.
  for (auto& watcher : watchers_) watcher.reset();
}

void WatchManager::Start() {
  running_ = true;
  if (!options_.before_others.empty()) {
    gate_open_ = false;
    gate_timer_ = executor_->PostAfter(options_.gate_wait, [this] { OpenGate(); });
  }
  Discover();
  if (options_.follow_crds) crds_.Start();
  tick_timer_ = executor_->PostAfter(kTick, [this] { Tick(); });
  permission_timer_ = executor_->PostAfter(kPermissionPoll, [this] { PollPermissions(); });
}

void WatchManager::Stop() {
  running_ = false;
  for (const Executor::TimerId timer : {discovery_timer_, tick_timer_, permission_timer_, crd_timer_, gate_timer_})
    executor_->Cancel(timer);
  crds_.Stop();
  for (auto& watcher : watchers_) {
    if (watcher != nullptr) watcher->Stop();
  }
  waiting_.clear();
  held_.clear();
}

void WatchManager::Rediscover() {
  if (!running_) return;
  const bool just_now = discovered_at_ && clock_->Now() - *discovered_at_ < kDiscoveryPause;
  DiscoverAfter(just_now ? kDiscoveryPause : Duration::zero());
}

void WatchManager::Relist(KindSet kinds, std::string_view reason) {
  for (auto& watcher : watchers_) {
    if (watcher != nullptr && kinds.Has(watcher->kind())) watcher->Relist(reason);
  }
}

const WatcherStats* WatchManager::stats(Kind kind) {
  Watcher* found = watcher(kind);
  return found == nullptr ? nullptr : &found->stats();
}

ManagerStats WatchManager::manager_stats() const {
  const DiscoveryResult& result = discovery_.result();
  return {result.version, AllKnown(), discovery_.runs(), result.problems, clock_skew_};
}

bool WatchManager::AllKnown() const {
  return std::all_of(watchers_.begin(), watchers_.end(), [&](const auto& watcher) {
    return watcher == nullptr || discovery_.result()[watcher->kind()].known;
  });
}

void WatchManager::DiscoverAfter(Duration delay) {
  executor_->Cancel(discovery_timer_);
  discovery_timer_ = executor_->PostAfter(delay, [this] { Discover(); });
}

void WatchManager::Discover() {
  // Until the next one is set: if this one never answered, its deadline would.
  DiscoverAfter(Between(kDiscoverEvery * 8 / 10, kDiscoverEvery * 12 / 10, *rng_));
  discovery_.Run([this, alive = std::weak_ptr(alive_)](const DiscoveryResult& result) {
    if (!alive.expired() && running_) OnDiscovered(result);
  });
}

void WatchManager::OnDiscovered(const DiscoveryResult& result) {
  discovered_at_ = clock_->Now();
  if (result.server_time) {
    constexpr std::chrono::milliseconds kYear =
        std::chrono::hours(24 * 365);  // more would overflow nanoseconds some day
    clock_skew_ = std::clamp(clock_->Wall() - *result.server_time, -kYear, kYear);
    if (on_server_time) on_server_time(*result.server_time);
  }
  if (!AllKnown() || !result.version.known()) {
    DiscoverAfter(discovery_backoff_.Next(clock_->Now(), *rng_));
  }
  // Without the server's version it is not known how to list; that comes with the next run.
  if (!result.version.known()) return;
  if (options_.kinds.Has(Kind::kServerVersion)) TellVersion(result.version.git_version);
  for (auto& watcher : watchers_) {
    if (watcher != nullptr) watcher->OnDiscovered(result[watcher->kind()]);
  }
  for (const KindInfo& info : KindTable()) {
    if (!options_.polled.Has(info.kind) || !result[info.kind].known || result[info.kind].served()) continue;
    sink_->Accept({EventType::kAbsent, info.kind, nullptr, "not served"});
  }
}

// As an object, so that whoever reads it is told of a change as of any other.
void WatchManager::TellVersion(const std::string& git_version) {
  if (git_version.empty() || git_version == told_version_) return;
  told_version_ = git_version;
  const nlohmann::json object = {{"metadata", {{"name", "kubernetes"}}}, {"gitVersion", git_version}};
  if (!support::ParseJson(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), small_).ok()) return;
  Result<ObjectPtr> decoded = decoder_->Decode(Kind::kServerVersion, small_.root());
  if (!decoded.ok()) return;
  sink_->Accept({EventType::kInit, Kind::kServerVersion, nullptr, {}});
  sink_->Accept({EventType::kInitApply, Kind::kServerVersion, *std::move(decoded), {}});
  sink_->Accept({EventType::kInitDone, Kind::kServerVersion, nullptr, {}});
}

void WatchManager::OnCrdChange() {
  executor_->Cancel(crd_timer_);
  crd_timer_ = executor_->PostAfter(kCrdSoon, [this] {
    Rediscover();
    crd_timer_ = executor_->PostAfter(kCrdLater, [this] { Rediscover(); });
  });
}

void WatchManager::EnterSnapshot(Kind kind, bool first, std::function<void()> go) {
  // The first start is as fast as the server allows; what is in flight is bounded by each stream's window, and for
  // pages by the transport, which sends four reads at a time.
  if (first) {
    if (gate_open_ || options_.before_others.Has(kind)) {
      go();
    } else {
      held_.push_back({kind, 0, std::move(go)});
    }
    return;
  }
  waiting_.push_back({kind, ++last_turn_, std::move(go)});
  GiveTurns();
}

void WatchManager::LeaveSnapshot(Kind kind) {
  std::erase_if(waiting_, [kind](const Turn& turn) { return turn.kind == kind; });
  std::erase_if(held_, [kind](const Turn& turn) { return turn.kind == kind; });
  std::uint64_t& turn = turns_[static_cast<std::size_t>(kind)];
  if (turn == 0) return;
  turn = 0;
  --snapshot_count_;
  GiveTurns();
}

bool WatchManager::OpenGate() {
  if (std::exchange(gate_open_, true)) return false;
  executor_->Cancel(gate_timer_);
  const std::vector<Turn> held = std::exchange(held_, {});
  for (const Turn& turn : held) turn.go();
  return true;
}

void WatchManager::GiveTurns() {
  while (running_ && snapshot_count_ < kSnapshotsAtOnce && !waiting_.empty()) {
    Turn turn = std::move(waiting_.front());
    waiting_.pop_front();
    std::uint64_t& current = turns_[static_cast<std::size_t>(turn.kind)];
    current = turn.number;
    ++snapshot_count_;
    // By way of the loop: we are inside a call of some watcher, perhaps this one.
    executor_->Post([this, alive = std::weak_ptr(alive_), turn = std::move(turn)] {
      if (!alive.expired() && turns_[static_cast<std::size_t>(turn.kind)] == turn.number) turn.go();
    });
  }
}

void WatchManager::ServerIsBack() {
  for (auto& watcher : watchers_) {
    if (watcher != nullptr) watcher->RetryIfDisconnected();
  }
}

void WatchManager::Tick() {
  tick_timer_ = executor_->PostAfter(kTick, [this] { Tick(); });
  for (auto& watcher : watchers_) {
    if (watcher != nullptr) watcher->Tick();
  }
}

void WatchManager::PollPermissions() {
  permission_timer_ = executor_->PostAfter(kPermissionPoll, [this] { PollPermissions(); });
  for (auto& watcher : watchers_) {
    if (watcher != nullptr && watcher->denied()) AskPermission(watcher->kind());
  }
}

// Every authenticated user may ask this (ClusterRole system:basic-user); where not, the watcher's own retry remains.
void WatchManager::AskPermission(Kind kind) {
  const KindInfo& info = Info(kind);
  const nlohmann::json review = {
      {"kind", "SelfSubjectAccessReview"},
      {"apiVersion", "authorization.k8s.io/v1"},
      {"spec", {{"resourceAttributes", {{"group", info.group}, {"resource", info.resource}, {"verb", "watch"}}}}}};
  HttpRequest request{.method = Method::kPost,
                      .target = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                      .body = review.dump(),
                      .content_type = "application/json",
                      .channel = Channel::kReview};
  transport_->Unary(std::move(request), [this, alive = std::weak_ptr(alive_),
                                         kind](const Result<HttpResponse>& response) {
    if (alive.expired() || !running_ || !response.ok()) return;
    if (ClassifyAnswer(response->head, response->body).action != Action::kProceed) return;
    if (!support::ParseJson(response->body, small_).ok() || !small_.root()["status"]["allowed"].Bool().value_or(false))
      return;
    watcher(kind)->RetryIfDenied();
  });
}

}  // namespace seaworthy::api
