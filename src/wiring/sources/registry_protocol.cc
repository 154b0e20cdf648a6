#include "wiring/sources/registry_protocol.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cache/time.h"
#include "support/json.h"

namespace seaworthy::wiring {
namespace {

using support::Node;

constexpr support::JsonLimits kLimits{.depth = 32, .tokens = 200'000};
constexpr std::size_t kMaxHistory = 512, kMaxCommand = 16 * 1024;
constexpr std::size_t kMaxToken = 16 * 1024;

Status Unreadable(std::string_view what, const Status& why) {
  return Status(Code::kInvalidArgument, std::string(what) + ": " + why.message());
}

bool IsHeaderSafe(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string Base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  // It ends with a zero of its own.
  out.resize(out.size() + 1);
  const int written =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(std::max(written, 0)));
  return out;
}

// The host that a key of "auths" means: "https://index.docker.io/v1/", "ghcr.io", "registry.example:5000/team".
std::string_view HostOfKey(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  }
  return key.substr(0, key.find('/'));
}

}  // namespace

std::optional<Challenge> ParseChallenge(std::string_view header) {
  const std::size_t blank = std::min(header.find(' '), header.size());
  const std::string scheme = Lower(header.substr(0, blank));
  if (scheme != "bearer" && scheme != "basic") return std::nullopt;
  Challenge challenge;
  challenge.bearer = scheme == "bearer";
  std::string_view rest = header.substr(std::min(blank + 1, header.size()));
  while (!rest.empty()) {
    const std::size_t start = rest.find_first_not_of(" ,\t");
    if (start == std::string_view::npos) break;
    rest.remove_prefix(start);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) break;
    const std::string name = Lower(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string value;
    if (rest.starts_with('"')) {
      std::size_t at = 1;
      for (; at < rest.size() && rest[at] != '"'; ++at) {
        if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
        value += rest[at];
      }
      rest.remove_prefix(std::min(at + 1, rest.size()));
    } else {
      const std::size_t end = std::min(rest.find(','), rest.size());
      value = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    if (name == "realm") challenge.realm = value;
    if (name == "service") challenge.service = value;
    if (name == "scope") challenge.scope = value;
  }
  if (challenge.bearer && challenge.realm.empty()) return std::nullopt;
  return challenge;
}

std::string RegistryHost(std::string_view registry) {
  if (registry == "docker.io" || registry == "index.docker.io") return "registry-1.docker.io";
  return std::string(registry);
}

bool IsDigest(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  return text.size() == kAlgorithm.size() + 64 && text.starts_with(kAlgorithm) &&
         std::all_of(text.begin() + kAlgorithm.size(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string DigestOf(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return {};
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = "sha256:";
  for (unsigned i = 0; i < size; ++i) {
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

Result<Place> ParsePlace(std::string_view url) {
  const auto refuse = [](std::string_view why) {
    return Status(Code::kInvalidArgument, "a place that is not gone to: " + std::string(why));
  };
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return refuse("it is not https");
  if (url.size() > 8192 || !IsHeaderSafe(url) || url.find('#') != std::string_view::npos)
    return refuse("it is no proper URL");
  const std::size_t path = url.find_first_of("/?", kScheme.size());
  Result<api::ServerAddress> server = api::ParseServerUrl(url.substr(0, path));
  if (!server.ok()) return server.status();
  std::string target(path == std::string_view::npos ? std::string_view("/") : url.substr(path));
  if (target.starts_with('?')) target.insert(0, "/");
  return Place{*std::move(server), std::move(target)};
}

Result<Manifest> ParseManifest(std::string_view body, std::string_view architecture) {
  support::Tree tree(kLimits);
  if (const Status parsed = support::ParseJson(body, tree); !parsed.ok())
    return Unreadable("a manifest that cannot be read", parsed);
  const Node& root = tree.root();
  Manifest manifest;
  if (root["manifests"].is_array()) {
    for (const Node& one : root["manifests"]) {
      const Node& platform = one["platform"];
      // Attestations are listed as an image of platform unknown/unknown.
      if (platform["os"].text() != "linux" || platform["architecture"].text() != architecture) continue;
      if (!IsDigest(one["digest"].text())) continue;
      manifest.next = one["digest"].text();
      return manifest;
    }
    return Status(Code::kInvalidArgument, "the image has no linux/" + std::string(architecture.substr(0, 32)));
  }
  manifest.config = root["config"]["digest"].text();
  if (!IsDigest(manifest.config)) return Status(Code::kInvalidArgument, "the manifest names no configuration");
  for (const Node& layer : root["layers"])
    manifest.layers.push_back(std::max<std::int64_t>(layer["size"].Int().value_or(0), 0));
  return manifest;
}

Result<ImageConfig> ParseImageConfig(std::string_view body, const std::vector<std::int64_t>& layers) {
  support::Tree tree(kLimits);
  if (const Status parsed = support::ParseJson(body, tree); !parsed.ok())
    return Unreadable("a configuration that cannot be read", parsed);
  const Node& root = tree.root();
  ImageConfig config;
  config.created = cache::ParseTimestamp(root["created"].text()).seconds;
  std::size_t made = 0;
  for (const Node& step : root["history"]) made += step["empty_layer"].Bool().value_or(false) ? 0 : 1;
  // Where steps and layers do not match (squashed images), sizes are nobody's.
  const bool sized = made == layers.size();
  std::size_t layer = 0;
  for (const Node& step : root["history"]) {
    if (config.history.size() == kMaxHistory) break;
    const bool empty = step["empty_layer"].Bool().value_or(false);
    config.history.push_back({std::string(step["created_by"].text().substr(0, kMaxCommand)), empty   ? -1
                                                                                             : sized ? layers[layer]
                                                                                                     : 0});
    if (!empty) ++layer;
  }
  return config;
}

Result<Token> ParseToken(std::string_view body) {
  support::Tree tree(kLimits);
  if (const Status parsed = support::ParseJson(body, tree); !parsed.ok())
    return Unreadable("a token that cannot be read", parsed);
  const Node& root = tree.root();
  Token token;
  token.value = root["token"].text();
  if (token.value.empty()) token.value = root["access_token"].text();
  if (token.value.empty() || token.value.size() > kMaxToken || !IsHeaderSafe(token.value))
    return Status(Code::kInvalidArgument, "the answer has no token");
  token.seconds = std::clamp<std::int64_t>(root["expires_in"].Int().value_or(60), 60, 3600);
  return token;
}

std::string BasicOf(std::string_view docker_config, std::string_view registry) {
  support::Tree tree(kLimits);
  if (!support::ParseJson(docker_config, tree).ok()) return {};
  const std::string_view host = registry == "docker.io" ? std::string_view("index.docker.io") : registry;
  for (const Node& entry : tree.root()["auths"]) {
    if (HostOfKey(entry.key()) != host && HostOfKey(entry.key()) != registry) continue;
    std::string auth(entry["auth"].text());
    if (auth.empty() && entry["username"].present())
      auth = Base64(std::string(entry["username"].text()) + ":" + std::string(entry["password"].text()));
    if (!auth.empty() && IsHeaderSafe(auth)) return "Basic " + auth;
  }
  return {};
}

}  // namespace seaworthy::wiring
