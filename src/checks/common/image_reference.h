// Image references, taken apart as container runtimes do (github.com/distribution/reference): registry with port, path,
// tag, digest.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seaworthy::checks {

// Views into the text that was parsed: valid as long as that is.
struct ImageReference {
  std::string_view registry;    // "registry.example:5000"; "docker.io" where the reference names none
  std::string_view repository;  // path without the registry, as written: "nginx", "team/app"
  std::string_view tag;         // empty where there is none
  std::string_view digest;      // "sha256:..."; empty where there is none

  // Docker Hub's short form of an official image: "nginx" stands for docker.io/library/nginx.
  bool official = false;

  // "docker.io/library/nginx": what two references to one image share.
  std::string Name() const;
  // As kubelets list it: the name with the digest where there is one, else with the tag ("latest" where there is none).
  std::string Canonical() const;
};

// nullopt for what no runtime accepts: upper case in a path, an empty part, a malformed tag or digest.
std::optional<ImageReference> ParseImageReference(std::string_view text);

// A reference that a tool fills in before the manifest is applied: ko://example.com/cmd/web, $(IMAGE), {{ .image }},
// <image>. No runtime accepts these characters.
bool IsPlaceholder(std::string_view text);

// The digest in a container status's imageID, whatever the runtime puts around it
// ("docker-pullable://nginx@sha256:...", "sha256:..."). Empty where there is none.
std::string_view DigestOfImageId(std::string_view image_id);

}  // namespace seaworthy::checks
