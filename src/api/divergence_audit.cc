#include "api/divergence_audit.h"

#include <charconv>

#include "api/classify.h"
#include "api/url.h"
#include "api/watch_frame.h"

namespace seaworthy::api {
namespace {

constexpr Duration kDeadline = std::chrono::seconds(65);
constexpr std::string_view kMetadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

std::uint64_t Number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

DivergenceAudit::DivergenceAudit(Transport* transport, Executor* executor, Rng* rng, WatchManager* watches,
                                 AuditIndex* index, Duration every)
    : transport_(transport),
      executor_(executor),
      rng_(rng),
      watches_(watches),
      index_(index),
      between_(every / kKindCount) {}

DivergenceAudit::~DivergenceAudit() { Stop(); }

void DivergenceAudit::Start() {
  running_ = true;
  next_kind_ = static_cast<std::size_t>(rng_->Next() % kKindCount);
  Schedule();
}

void DivergenceAudit::Stop() {
  running_ = false;
  executor_->Cancel(timer_);
  round_.reset();
}

void DivergenceAudit::Schedule() {
  timer_ = executor_->PostAfter(Between(between_ / 2, between_ * 3 / 2, *rng_), [this] { Next(); });
}

void DivergenceAudit::Next() {
  Schedule();
  if (round_ == nullptr) Audit(static_cast<Kind>(next_kind_++ % kKindCount));
}

void DivergenceAudit::Audit(Kind kind) {
  Watcher* watcher = watches_->watcher(kind);
  if (round_ != nullptr || watcher == nullptr || watcher->phase() != Phase::kWatch) return;
  // Versions that are no numbers cannot be told apart into "moved on since" and "different".
  if (Number(watcher->resource_version()) == 0) return;
  round_ = std::make_unique<Round>();
  round_->number = ++last_number_;
  round_->kind = kind;
  round_->version = watcher->resource_version();
  round_->path = watcher->collection();
  index_->Collect(kind, kMaxObjects, rng_->Next(),
                  [this, alive = std::weak_ptr(alive_), kind, round = round_->number](AuditEntries collected) {
                    if (alive.expired() || !IsCurrent(round)) return;
                    const std::string version = watches_->stats(kind)->version;
                    Result<std::string> path = CollectionPath(Info(kind), version, collected.name_space);
                    if (!path.ok() || !collected.known) {
                      Finish(false);
                      return;
                    }
                    round_->path = *std::move(path);
                    for (AuditEntry& entry : collected.entries) {
                      Key key(entry.name_space, entry.name);
                      round_->ours.insert_or_assign(std::move(key), std::move(entry));
                    }
                    Fetch({});
                  });
}

void DivergenceAudit::Fetch(const std::string& continue_token) {
  Query query;
  query.AddInt("limit", PagedList::kPageSize);
  if (const std::string_view selector = Info(round_->kind).label_selector; !selector.empty())
    query.Add("labelSelector", selector);
  if (continue_token.empty()) {
    query.Add("resourceVersion", round_->version).Add("resourceVersionMatch", "Exact");
  } else {
    query.Add("continue", continue_token);  // pins the version by itself
  }
  transport_->Unary(
      {.target = round_->path + query.str(), .accept = std::string(kMetadataOnly), .deadline = kDeadline},
      [this, alive = std::weak_ptr(alive_), round = round_->number](const Result<HttpResponse>& response) {
        if (!alive.expired() && IsCurrent(round)) OnPage(response);
      });
}

void DivergenceAudit::OnPage(const Result<HttpResponse>& response) {
  if (!response.ok() || ClassifyAnswer(response->head, response->body).action != Action::kProceed) {
    // 410 above all: the version was compacted away while we looked. The next hour is another chance.
    Finish(false);
    return;
  }
  support::Tree head, item;
  const Status parsed = support::ParseJsonList(
      response->body, head, item, [this](const support::Node& object) { Compare(object["metadata"]); },
      [this](const std::string& detail) {
        const std::size_t slash = detail.find('/'), colon = detail.find(": ");
        const bool has_namespace = slash < colon;
        round_->unreadable.emplace(
            has_namespace ? detail.substr(0, slash) : std::string(),
            has_namespace ? detail.substr(slash + 1, colon - slash - 1) : detail.substr(0, colon));
      });
  const support::Node& metadata = head.root()["metadata"];
  if (!parsed.ok() || (metadata["resourceVersion"].text() != round_->version)) {
    Finish(false);
    return;
  }
  if (const std::string next(metadata["continue"].text()); !next.empty()) {
    Fetch(next);
  } else {
    Listed();
  }
}

void DivergenceAudit::Compare(const support::Node& metadata) {
  AuditEntry theirs{std::string(metadata["namespace"].text()), std::string(metadata["name"].text()),
                    Uid::Parse(metadata["uid"].text()), Number(metadata["resourceVersion"].text())};
  const auto found = round_->ours.find({theirs.name_space, theirs.name});
  if (found == round_->ours.end()) {
    round_->missing.push_back(std::move(theirs));
    return;
  }
  const AuditEntry& ours = found->second;
  const bool moved_on = ours.resource_version > Number(round_->version);
  if (!moved_on && !(ours.uid == theirs.uid)) Differ(theirs, "another incarnation here");
  if (!moved_on && ours.uid == theirs.uid && ours.resource_version != theirs.resource_version) {
    Differ(theirs, "version " + std::to_string(ours.resource_version) + " here, " +
                       std::to_string(theirs.resource_version) + " on the server");
  }
  round_->ours.erase(found);
}

void DivergenceAudit::Listed() {
  // What is left was not listed. At R or before it, the stream should have removed it.
  const Watcher* watcher = watches_->watcher(round_->kind);
  for (const auto& [key, ours] : round_->ours) {
    if (ours.resource_version <= Number(round_->version) && !round_->unreadable.contains(key))
      Differ(ours, "not on the server");
  }
  std::erase_if(round_->missing,
                [&](const AuditEntry& entry) { return watcher->IsUnreadable(entry.name_space, entry.name); });
  if (round_->missing.size() > kMaxSuspects)
    Differ(round_->missing.front(), "missing here, and so are more than a few");
  if (!round_->difference.empty() || round_->missing.empty()) {
    Finish(true);
  } else {
    AskForMissing();
  }
}

void DivergenceAudit::AskForMissing() {
  if (round_->missing.empty()) {
    Finish(true);
    return;
  }
  const AuditEntry entry = std::move(round_->missing.back());
  round_->missing.pop_back();
  const Result<std::string> path =
      ObjectPath(Info(round_->kind), watches_->stats(round_->kind)->version, entry.name_space, entry.name);
  if (!path.ok()) {
    Finish(false);
    return;
  }
  transport_->Unary(
      {.target = *path, .accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"},
      [this, alive = std::weak_ptr(alive_), round = round_->number, entry](const Result<HttpResponse>& response) {
        if (alive.expired() || !IsCurrent(round)) return;
        if (!response.ok()) {
          Finish(false);
          return;
        }
        support::Tree object;
        // Still the same one: it existed at R and has existed since. Gone, or another: it was deleted after R.
        if (response->head.status == 200 && support::ParseJson(response->body, object).ok() &&
            Uid::Parse(object.root()["metadata"]["uid"].text()) == entry.uid) {
          Differ(entry, "missing here");
          Finish(true);
          return;
        }
        AskForMissing();
      });
}

void DivergenceAudit::Differ(const AuditEntry& entry, std::string_view how) {
  if (round_->difference.empty()) {
    round_->difference =
        std::string(Info(round_->kind).name) + " " + UnreadableDetail(entry.name_space, entry.name, how);
  }
}

void DivergenceAudit::Finish(bool compared) {
  const std::unique_ptr<Round> round = std::move(round_);
  if (!compared) {
    ++stats_.skipped;
    return;
  }
  ++stats_.rounds;
  if (round->difference.empty()) return;
  ++stats_.divergences[round->kind];
  if (on_divergence) on_divergence(round->difference);
  watches_->watcher(round->kind)->Relist("divergence");
}

}  // namespace seaworthy::api
