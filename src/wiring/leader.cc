#include "wiring/leader.h"

#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>

#include "support/canonical_json.h"
#include "support/json.h"

namespace seaworthy::wiring {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  support::AppendJsonString(out, text);
  return out;
}

}  // namespace

Elector::Elector(LeaderOptions options, Transport& transport, Executor& executor, const Clock& clock, Rng& rng,
                 std::function<void(bool)> changed)
    : options_(std::move(options)),
      transport_(transport),
      executor_(executor),
      clock_(clock),
      rng_(rng),
      changed_(std::move(changed)) {}

Elector::~Elector() {
  *alive_ = false;
  executor_.Cancel(timer_);
}

void Elector::Start() { Tick(); }

void Elector::Stop(std::function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  executor_.Cancel(timer_);
  if (busy_) return;  // the call under way ends first; its end looks at stopping_
  if (leading_ && MayWrite()) {
    Write(/*release=*/true);
  } else if (auto call = std::exchange(stopped_, nullptr)) {
    call();
  }
}

bool Elector::MayWrite() const {
  return leading_ && acknowledged_ && clock_.Now() - *acknowledged_ < options_.renew_deadline;
}

std::string Elector::Target(bool object) const {
  std::string target = "/apis/coordination.k8s.io/v1/namespaces/" + options_.namespace_ + "/leases";
  if (object) target += "/" + options_.name;
  return target;
}

std::string Elector::Now() const {
  const auto now = clock_.Wall().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const std::time_t time = static_cast<std::time_t>(seconds.count());
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[48];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%06lldZ",
                static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(now - seconds).count()));
  return text;
}

void Elector::ScheduleTick() {
  busy_ = false;
  if (stopping_) {
    if (stopped_) Stop(std::exchange(stopped_, nullptr));
    return;
  }
  const double factor = 1.0 + (options_.jitter - 1.0) * rng_.Unit();
  const auto delay = std::chrono::duration_cast<Duration>(options_.retry * factor);
  executor_.Cancel(timer_);
  timer_ = executor_.PostAfter(delay, [this] { Tick(); });
}

void Elector::Tick() {
  busy_ = true;
  if (leading_ && lease_.exists && lease_.holder == options_.identity) {
    Write(/*release=*/false);  // optimistic: our own last write told us the resourceVersion
    return;
  }
  Get([this](Status status) {
    if (!status.ok()) {
      ScheduleTick();
      return;
    }
    Consider();
  });
}

void Elector::Get(std::function<void(Status)> then) {
  HttpRequest request;
  request.target = Target(true);
  request.channel = Channel::kLease;
  request.deadline = std::chrono::seconds(5);
  transport_.Unary(std::move(request), [this, alive = alive_, then = std::move(then)](Result<HttpResponse> response) {
    if (!*alive) return;
    if (!response.ok()) return then(response.status());
    if (response->head.status == 404) {
      if (lease_.exists) observed_ = clock_.Now();
      lease_ = Lease();
      return then(Status::Ok());
    }
    if (response->head.status != 200)
      return then(Status(Code::kUnavailable, "lease: HTTP " + std::to_string(response->head.status)));
    if (!Observe(response->body)) return then(Status(Code::kUnavailable, "lease: unreadable answer"));
    then(Status::Ok());
  });
}

bool Elector::Observe(const std::string& body) {
  support::Tree tree;
  if (!support::ParseJson(body, tree).ok()) return false;
  const support::Node& root = tree.root();
  Lease seen;
  seen.exists = true;
  seen.resource_version = root["metadata"]["resourceVersion"].text();
  const support::Node& spec = root["spec"];
  seen.holder = spec["holderIdentity"].text();
  seen.renew_time = spec["renewTime"].text();
  seen.acquire_time = spec["acquireTime"].text();
  seen.duration_seconds = spec["leaseDurationSeconds"].Int().value_or(0);
  seen.transitions = static_cast<std::uint64_t>(spec["leaseTransitions"].Int().value_or(0));
  if (!lease_.exists || seen.resource_version != lease_.resource_version) observed_ = clock_.Now();
  lease_ = std::move(seen);
  return true;
}

// The lease has just been read and is not known to be ours.
void Elector::Consider() {
  if (lease_.exists && lease_.holder == options_.identity) {
    Write(false);
    return;
  }
  const bool free = !lease_.exists || lease_.holder.empty();
  if (!free) {
    SetLeading(false);  // proof: another name stands in it
    const auto duration = lease_.duration_seconds > 0
                              ? std::chrono::seconds(lease_.duration_seconds)
                              : std::chrono::duration_cast<std::chrono::seconds>(options_.lease);
    if (observed_ && clock_.Now() - *observed_ < duration) {
      ScheduleTick();
      return;
    }
  }
  Write(false);
}

void Elector::Write(bool release) {
  busy_ = true;
  Lease wanted = lease_;
  wanted.exists = true;
  wanted.renew_time = Now();
  const bool ours = lease_.exists && lease_.holder == options_.identity;
  if (release) {
    wanted.holder.clear();
    wanted.duration_seconds = 1;  // as client-go releases: whoever looks next may take it
  } else {
    wanted.duration_seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.lease).count();
    wanted.holder = options_.identity;
    if (!ours) {
      wanted.acquire_time = wanted.renew_time;
      if (lease_.exists) ++wanted.transitions;
    }
  }
  std::string body = R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":)" +
                     Quoted(options_.name) + ",\"namespace\":" + Quoted(options_.namespace_);
  if (lease_.exists) body += ",\"resourceVersion\":" + Quoted(lease_.resource_version);
  body += "},\"spec\":{\"holderIdentity\":" + Quoted(wanted.holder) +
          ",\"leaseDurationSeconds\":" + std::to_string(wanted.duration_seconds) +
          ",\"acquireTime\":" + Quoted(wanted.acquire_time.empty() ? wanted.renew_time : wanted.acquire_time) +
          ",\"renewTime\":" + Quoted(wanted.renew_time) +
          ",\"leaseTransitions\":" + std::to_string(wanted.transitions) + "}}";
  HttpRequest request;
  request.method = lease_.exists ? Method::kPut : Method::kPost;
  request.target = Target(lease_.exists);
  request.body = std::move(body);
  request.content_type = "application/json";
  request.channel = Channel::kLease;
  request.deadline = std::chrono::seconds(5);
  const MonoTime sent = clock_.Now();
  transport_.Unary(std::move(request), [this, alive = alive_, sent, wanted, release](Result<HttpResponse> response) {
    if (*alive) OnWritten(sent, wanted, release, std::move(response));
  });
}

void Elector::OnWritten(MonoTime sent, Lease wanted, bool release, Result<HttpResponse> response) {
  if (response.ok() && (response->head.status == 200 || response->head.status == 201) && Observe(response->body)) {
    Acknowledge(sent, wanted, release);
    return;
  }
  // A conflict may be with our own write whose reply was lost; a break says nothing about what the server did. The
  // lease itself knows.
  if (!response.ok() || response->head.status == 409 || response->head.status == 404 || response->head.status >= 500) {
    Confirm(sent, wanted, release);
    return;
  }
  ScheduleTick();
}

void Elector::Confirm(MonoTime sent, const Lease& wanted, bool release) {
  Get([this, sent, wanted, release](Status status) {
    if (!status.ok()) {
      // Nothing can be proven: MayWrite lapses by itself, leadership stays until somebody else's name is seen.
      ScheduleTick();
      return;
    }
    const bool written = lease_.exists && lease_.holder == wanted.holder && lease_.renew_time == wanted.renew_time &&
                         lease_.transitions == wanted.transitions;
    if (written) {
      Acknowledge(sent, wanted, release);
      return;
    }
    if (lease_.exists && !lease_.holder.empty() && lease_.holder != options_.identity) SetLeading(false);
    ScheduleTick();
  });
}

void Elector::Acknowledge(MonoTime sent, const Lease&, bool release) {
  if (release) {
    acknowledged_.reset();
    SetLeading(false);
  } else {
    acknowledged_ = sent;
    SetLeading(true);
  }
  ScheduleTick();
}

void Elector::SetLeading(bool leading) {
  if (leading_ == leading) return;
  leading_ = leading;
  if (!leading) acknowledged_.reset();
  changed_(leading);
}

}  // namespace seaworthy::wiring
