// The documents of the OCI distribution and image specifications that a look-up reads, and the challenges of
// registries. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/credentials.h"
#include "seaworthy/result.h"
#include "wiring/sources/image_history.h"

namespace seaworthy::wiring {

// The media types that are asked for: manifests and indexes, of OCI and of Docker.
inline constexpr std::string_view kManifestTypes =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json";

// WWW-Authenticate: `Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull"`.
struct Challenge {
  bool bearer = false;  // else Basic
  std::string realm, service, scope;
};
std::optional<Challenge> ParseChallenge(std::string_view header);

// Where a name in an image reference is served: Docker Hub's API has another.
std::string RegistryHost(std::string_view registry);
bool IsDigest(std::string_view text);  // "sha256:" and 64 hexadecimal digits: the one algorithm that is verified
// The digest of these bytes.
std::string DigestOf(std::string_view bytes);

// A URL that a registry sent us to: https, with path and query as they are.
struct Place {
  api::ServerAddress server;
  std::string target;
};
Result<Place> ParsePlace(std::string_view url);

struct Manifest {
  std::string next;                  // of an index: the digest of the manifest for the platform
  std::string config;                // of a manifest: the digest of the configuration
  std::vector<std::int64_t> layers;  // sizes, compressed
};
// `architecture` as nodes name it, "amd64"; a variant is not told apart.
Result<Manifest> ParseManifest(std::string_view body, std::string_view architecture);

struct ImageConfig {
  std::int64_t created = 0;  // seconds since the epoch; 0: it does not say
  std::vector<HistoryStep> history;
};
Result<ImageConfig> ParseImageConfig(std::string_view body, const std::vector<std::int64_t>& layers);

// {"token": ..., "expires_in": ...}; seconds at least 60, as the specification has it for clients.
struct Token {
  std::string value;
  std::int64_t seconds = 60;
};
Result<Token> ParseToken(std::string_view body);

// Of a docker config.json ("auths"): what to say to `registry`, "Basic ..."; empty: nothing.
std::string BasicOf(std::string_view docker_config, std::string_view registry);

}  // namespace seaworthy::wiring
