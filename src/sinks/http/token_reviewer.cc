#include "sinks/http/token_reviewer.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace seaworthy::sinks::http {
namespace {

using nlohmann::json;

std::string Digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return {};
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

HttpRequest Review(std::string_view group, std::string_view resource, std::string_view kind, json spec) {
  HttpRequest request;
  request.method = Method::kPost;
  request.target = "/apis/" + std::string(group) + "/v1/" + std::string(resource);
  request.content_type = "application/json";
  request.channel = Channel::kReview;
  request.body = json{{"apiVersion", std::string(group) + "/v1"}, {"kind", kind}, {"spec", std::move(spec)}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
  return request;
}

// The `status` of what the API server made of a review; nullopt: it could not tell, `why` says so.
std::optional<json> StatusOf(const Result<HttpResponse>& response, std::string& why) {
  if (!response.ok()) {
    why = response.status().message();
    return std::nullopt;
  }
  if (response->head.status != 200 && response->head.status != 201) {
    why = "HTTP " + std::to_string(response->head.status) +
          (response->head.status == 403 ? ": the operator's account may not create reviews" : "");
    return std::nullopt;
  }
  json answer = json::parse(response->body, nullptr, false);
  if (!answer.is_object() || !answer.contains("status") || !answer["status"].is_object()) {
    why = "the answer has no status";
    return std::nullopt;
  }
  return std::move(answer["status"]);
}

// So many in any second, wherever that begins.
class Allowance {
 public:
  bool Take(MonoTime now, std::size_t per_second) {
    while (!taken_.empty() && now - taken_.front() >= std::chrono::seconds(1)) taken_.pop_front();
    if (taken_.size() >= per_second) return false;
    taken_.push_back(now);
    return true;
  }

 private:
  std::deque<MonoTime> taken_;
};

}  // namespace

struct TokenReviewer::State : std::enable_shared_from_this<State> {
  struct Verdict {
    Decision decision = Decision::kUnavailable;
    MonoTime until;
  };
  // A token that was reviewed, by digest.
  struct Token {
    std::string user;  // what TokenReview said, as JSON; empty: no valid token
    MonoTime until;
    MonoTime good_at;  // when it was a user's last
    bool good = false;
  };

  State(Transport& transport_in, const Clock& clock_in, Note note_in)
      : transport(transport_in), clock(clock_in), note(std::move(note_in)) {}

  void Ask(std::string digest, std::string token, std::string path, Reply<Decision> done) {
    const std::unique_lock lock(mutex);
    const MonoTime now = clock.Now();
    if (const auto found = tokens.find(digest); found != tokens.end() && now < found->second.until) {
      if (found->second.user.empty()) return done(Decision::kUnauthenticated);
      return AskAccess(found->second.user, std::move(path), std::move(done), now);
    }
    const auto waiting = users_awaited.find(digest);
    if (waiting != users_awaited.end()) {
      waiting->second.push_back({std::move(path), std::move(done)});
      return;
    }
    const auto before = tokens.find(digest);
    const bool good_before =
        before != tokens.end() && before->second.good && now - before->second.good_at < kRememberedFor;
    if (!(good_before ? friends : strangers).Take(now, kReviewsPerSecond)) return done(Decision::kUnavailable);
    users_awaited[digest].push_back({std::move(path), std::move(done)});
    transport.Unary(Review("authentication.k8s.io", "tokenreviews", "TokenReview", {{"token", std::move(token)}}),
                    [state = shared_from_this(), digest = std::move(digest)](const Result<HttpResponse>& response) {
                      state->OnUser(digest, response);
                    });
  }

  void OnUser(const std::string& digest, const Result<HttpResponse>& response) {
    std::string why;
    const std::optional<json> status = StatusOf(response, why);
    const std::unique_lock lock(mutex);
    const MonoTime now = clock.Now();
    std::vector<Waiting> waiting = std::move(users_awaited[digest]);
    users_awaited.erase(digest);
    if (!status) {
      note("a token could not be reviewed", why);
      for (Waiting& one : waiting) one.done(Decision::kUnavailable);
      return;
    }
    MakeRoom(now);
    Token& token = tokens[digest];
    token.until = now + kRefusedFor;
    token.user.clear();
    const auto authenticated = status->find("authenticated"), user = status->find("user");
    if (authenticated != status->end() && *authenticated == true && user != status->end() && user->is_object()) {
      token.user = user->dump(-1, ' ', false, json::error_handler_t::replace);
      token.until = now + kUserFor;
      token.good = true;
      token.good_at = now;
    }
    for (Waiting& one : waiting) {
      if (token.user.empty()) {
        one.done(Decision::kUnauthenticated);
      } else {
        AskAccess(token.user, std::move(one.path), std::move(one.done), now);
      }
    }
  }

  // REQUIRES: mutex held.
  void AskAccess(const std::string& user, std::string path, Reply<Decision> done, MonoTime now) {
    std::string key = path + "\n" + user;
    if (const auto found = verdicts.find(key); found != verdicts.end() && now < found->second.until)
      return done(found->second.decision);
    std::vector<Reply<Decision>>& waiting = verdicts_awaited[key];
    // A valid token may ask for any number of paths.
    const auto before = verdicts.find(key);
    const bool allowed_before = before != verdicts.end() && before->second.decision == Decision::kAllow;
    if (waiting.empty() && !(allowed_before ? readers : askers).Take(now, kReviewsPerSecond)) {
      verdicts_awaited.erase(key);
      return done(Decision::kUnavailable);
    }
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;
    const json who = json::parse(user, nullptr, false);
    json spec = {{"nonResourceAttributes", {{"path", std::move(path)}, {"verb", "get"}}}};
    for (const auto& [theirs, ours] :
         {std::pair("username", "user"), {"groups", "groups"}, {"uid", "uid"}, {"extra", "extra"}}) {
      if (const auto value = who.find(theirs); value != who.end()) spec[ours] = *value;
    }
    transport.Unary(Review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", std::move(spec)),
                    [state = shared_from_this(), key = std::move(key)](const Result<HttpResponse>& response) {
                      state->OnAccess(key, response);
                    });
  }

  void OnAccess(const std::string& key, const Result<HttpResponse>& response) {
    std::string why;
    const std::optional<json> status = StatusOf(response, why);
    const std::unique_lock lock(mutex);
    const MonoTime now = clock.Now();
    Verdict verdict{Decision::kUnavailable, now};
    if (!status) {
      note("an access could not be reviewed", why);
    } else {
      const auto allowed = status->find("allowed");
      const bool yes = allowed != status->end() && *allowed == true;
      verdict = {yes ? Decision::kAllow : Decision::kForbidden, now + (yes ? kAllowedFor : kRefusedFor)};
      std::erase_if(verdicts, [&](const auto& one) {
        return one.second.until + (one.second.decision == Decision::kAllow ? kRememberedFor : Duration::zero()) <= now;
      });
      verdicts[key] = verdict;
    }
    std::vector<Reply<Decision>> waiting = std::move(verdicts_awaited[key]);
    verdicts_awaited.erase(key);
    for (Reply<Decision>& done : waiting) done(verdict.decision);
  }

  // REQUIRES: mutex held.
  void MakeRoom(MonoTime now) {
    if (tokens.size() < kTokens) return;
    std::erase_if(tokens, [&](const auto& one) {
      return one.second.until <= now && !(one.second.good && now - one.second.good_at < kRememberedFor);
    });
    // Never so many good ones; if there are, the next good one is looked up again a minute later, that is all.
    while (tokens.size() >= kTokens) {
      auto victim = tokens.begin();
      for (auto one = tokens.begin(); one != tokens.end(); ++one) {
        if (std::pair(one->second.good, one->second.until) < std::pair(victim->second.good, victim->second.until))
          victim = one;
      }
      tokens.erase(victim);
    }
  }

  struct Waiting {
    std::string path;
    Reply<Decision> done;
  };

  Transport& transport;
  const Clock& clock;
  const Note note;
  std::mutex mutex;  // guards what follows. Replies only post to the server's thread, and the transport calls back
                     // later: both may be used while it is held
  Allowance friends, strangers, readers, askers;
  std::unordered_map<std::string, Token> tokens;
  std::unordered_map<std::string, Verdict> verdicts;  // by path and user
  std::unordered_map<std::string, std::vector<Waiting>> users_awaited;
  std::unordered_map<std::string, std::vector<Reply<Decision>>> verdicts_awaited;
};

TokenReviewer::TokenReviewer(Transport& transport, const Clock& clock, Note note)
    : state_(std::make_shared<State>(transport, clock, std::move(note))) {}

TokenReviewer::~TokenReviewer() = default;

void TokenReviewer::Authorize(const Request& request, Reply<Decision> done) {
  std::string digest = Digest(request.bearer_token);
  if (digest.empty()) return done(Decision::kUnavailable);
  state_->Ask(std::move(digest), request.bearer_token, request.path, std::move(done));
}

}  // namespace seaworthy::sinks::http
