#include "wiring/sources/registry_client.h"

#include <algorithm>
#include <utility>

#include "api/url.h"

namespace seaworthy::wiring {
namespace {

constexpr std::size_t kMaxTokens = 256;
// A token is given up a little before it ends.
constexpr Duration kMargin = std::chrono::seconds(10);

}  // namespace

// A look-up, and the document that it is waiting for.
struct RegistryClient::Call {
  ImageAt image;
  Done done;
  std::vector<std::int64_t> layers;
  std::string target, accept, digest;
  OnBody then;

  std::string Scope() const { return "repository:" + image.repository + ":pull"; }
  std::string TokenKey() const { return image.registry + " " + Scope(); }
};

RegistryClient::RegistryClient(Connect connect, Credentials credentials, const Clock& clock)
    : connect_(std::move(connect)), credentials_(std::move(credentials)), clock_(clock) {}

void RegistryClient::LookUp(ImageAt image, Done done) {
  auto call = std::make_shared<Call>();
  call->image = std::move(image);
  call->done = std::move(done);
  if (!IsDigest(call->image.digest))
    return Fail(call, {.lasting = true, .reason = "the digest that runs is no SHA-256"});
  const std::string digest = call->image.digest;
  Manifest(call, digest, true);
}

void RegistryClient::Manifest(const std::shared_ptr<Call>& call, const std::string& digest, bool may_be_index) {
  Get(call, "manifests/" + digest, std::string(kManifestTypes), digest,
      [this, may_be_index](const std::shared_ptr<Call>& of, const std::string& body) {
        const Result<wiring::Manifest> manifest = ParseManifest(body, of->image.architecture);
        if (!manifest.ok()) return Fail(of, {.lasting = true, .reason = manifest.status().message()});
        if (manifest->next.empty()) {
          of->layers = manifest->layers;
          return Config(of, manifest->config);
        }
        if (!may_be_index) return Fail(of, {.lasting = true, .reason = "an index in an index"});
        Manifest(of, manifest->next, false);
      });
}

void RegistryClient::Config(const std::shared_ptr<Call>& call, const std::string& digest) {
  Get(call, "blobs/" + digest, "*/*", digest, [](const std::shared_ptr<Call>& of, const std::string& body) {
    const Result<ImageConfig> config = ParseImageConfig(body, of->layers);
    if (!config.ok()) return of->done(nullptr, {.lasting = true, .reason = config.status().message()});
    of->done(&*config, {});
  });
}

void RegistryClient::Get(const std::shared_ptr<Call>& call, std::string target, std::string accept, std::string digest,
                         OnBody then) {
  std::string path = "/v2";
  std::string_view rest = call->image.repository;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const Result<std::string> segment = api::JoinPath({rest.substr(0, slash)});
    if (!segment.ok()) return Fail(call, {.lasting = true, .reason = segment.status().message()});
    path += *segment;
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  call->target = path + "/" + target;
  call->accept = std::move(accept);
  call->digest = std::move(digest);
  call->then = std::move(then);
  const auto held = tokens_.find(call->TokenKey());
  const bool fresh = held != tokens_.end() && clock_.Now() < held->second.until;
  Send(call, fresh ? held->second.value : std::string(), false);
}

void RegistryClient::Send(const std::shared_ptr<Call>& call, std::string authorization, bool last) {
  Result<api::ServerAddress> server = api::ParseServerUrl("https://" + RegistryHost(call->image.registry));
  if (!server.ok()) return Fail(call, {.lasting = true, .reason = server.status().message()});
  const Result<Transport*> transport = connect_(*server);
  if (!transport.ok())
    return Fail(call,
                {.lasting = transport.status().code() != Code::kUnavailable, .reason = transport.status().message()});
  HttpRequest request{
      .target = call->target, .accept = call->accept, .authorization = std::move(authorization), .deadline = kDeadline};
  (*transport)
      ->Unary(std::move(request),
              [this, alive = std::weak_ptr(alive_), call, last](const Result<HttpResponse>& answer) {
                if (!alive.expired()) OnAnswer(call, answer, last);
              });
}

void RegistryClient::OnAnswer(const std::shared_ptr<Call>& call, const Result<HttpResponse>& answer, bool last) {
  if (!answer.ok()) return Fail(call, {.reason = answer.status().message()});
  const HttpHead& head = answer->head;
  if (head.status == 401 && !last) {
    tokens_.erase(call->TokenKey());
    const std::optional<Challenge> challenge = ParseChallenge(head.challenge);
    if (!challenge) return FailFor(call, head);
    return Authorize(call, *challenge);
  }
  if (head.status >= 300 && head.status < 400) return Follow(call, head.location, kPlaces);
  if (head.status != 200) return FailFor(call, head);
  OnDocument(call, *answer);
}

void RegistryClient::Authorize(const std::shared_ptr<Call>& call, const Challenge& challenge) {
  const std::string basic = BasicOf(credentials_(), call->image.registry);
  if (!challenge.bearer) {
    if (basic.empty())
      return Fail(call, {.lasting = true,
                         .reason = call->image.registry +
                                   " wants a user name and a password, and --registry-config has none for it"});
    tokens_[call->TokenKey()] = {basic, clock_.Now() + std::chrono::hours(1)};
    return Send(call, basic, true);
  }
  const Result<Place> realm = ParsePlace(challenge.realm);
  if (!realm.ok()) return Fail(call, {.lasting = true, .reason = realm.status().message()});
  const Result<Transport*> transport = connect_(realm->server);
  if (!transport.ok())
    return Fail(call,
                {.lasting = transport.status().code() != Code::kUnavailable, .reason = transport.status().message()});
  // Of what the registry asks for, its scope is what is wanted here anyway: to pull from this one repository.
  api::Query query;
  if (!challenge.service.empty()) query.Add("service", challenge.service);
  query.Add("scope", call->Scope());
  std::string target = realm->target;
  target += target.find('?') == std::string::npos ? query.str() : "&" + query.str().substr(1);
  (*transport)
      ->Unary({.target = std::move(target), .authorization = basic, .deadline = kDeadline},
              [this, alive = std::weak_ptr(alive_), call](const Result<HttpResponse>& answer) {
                if (alive.expired()) return;
                if (!answer.ok()) return Fail(call, {.reason = answer.status().message()});
                if (answer->head.status != 200) return FailFor(call, answer->head);
                const Result<Token> token = ParseToken(answer->body);
                if (!token.ok()) return Fail(call, {.lasting = true, .reason = token.status().message()});
                if (tokens_.size() >= kMaxTokens) tokens_.clear();
                tokens_[call->TokenKey()] = {"Bearer " + token->value,
                                             clock_.Now() + std::chrono::seconds(token->seconds) - kMargin};
                Send(call, "Bearer " + token->value, true);
              });
}

void RegistryClient::Follow(const std::shared_ptr<Call>& call, const std::string& location, int places) {
  if (places == 0) return Fail(call, {.lasting = true, .reason = "sent from place to place"});
  // Within one's own host some registries write no host.
  const Result<Place> place =
      ParsePlace(location.starts_with('/') ? "https://" + RegistryHost(call->image.registry) + location : location);
  if (!place.ok()) return Fail(call, {.lasting = true, .reason = place.status().message()});
  const Result<Transport*> transport = connect_(place->server);
  if (!transport.ok())
    return Fail(call,
                {.lasting = transport.status().code() != Code::kUnavailable, .reason = transport.status().message()});
  (*transport)
      ->Unary({.target = place->target, .accept = call->accept, .deadline = kDeadline},
              [this, alive = std::weak_ptr(alive_), call, places](const Result<HttpResponse>& answer) {
                if (alive.expired()) return;
                if (!answer.ok()) return Fail(call, {.reason = answer.status().message()});
                if (answer->head.status >= 300 && answer->head.status < 400)
                  return Follow(call, answer->head.location, places - 1);
                if (answer->head.status != 200) return FailFor(call, answer->head);
                OnDocument(call, *answer);
              });
}

void RegistryClient::OnDocument(const std::shared_ptr<Call>& call, const HttpResponse& answer) {
  if (DigestOf(answer.body) != call->digest)
    return Fail(call, {.lasting = true,
                       .reason = call->image.registry + " answered with something else than what was asked for"});
  // What is next may replace it.
  const OnBody then = std::move(call->then);
  then(call, answer.body);
}

void RegistryClient::FailFor(const std::shared_ptr<Call>& call, const HttpHead& head) {
  const std::string status = call->image.registry + ": HTTP " + std::to_string(head.status);
  if (head.status == 429 || head.status == 503)
    return Fail(call, {.busy = true, .pause = head.retry_after.value_or(Duration::zero()), .reason = status});
  if (head.status == 401 || head.status == 403)
    return Fail(call, {.lasting = true, .reason = status + " for " + call->image.repository + ": not allowed to pull"});
  if (head.status == 404)
    return Fail(call, {.lasting = true,
                       .reason = status + " for " + call->image.repository + ": the digest that runs is not there"});
  Fail(call, {.lasting = head.status >= 400 && head.status < 500, .reason = status});
}

void RegistryClient::Fail(const std::shared_ptr<Call>& call, LookupFailure failure) { call->done(nullptr, failure); }

}  // namespace seaworthy::wiring
