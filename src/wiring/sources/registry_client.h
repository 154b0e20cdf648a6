// One look-up in a container registry: from the digest that runs to the image's configuration, by the OCI distribution
// API.
//
// Every document is verified against the digest that named it, so neither a mirror nor a proxy can change what is read.
// A registry may send us on to where it stores its blobs: that is asked without any credential, over https only, and
// not further than two places. Credentials go to the registry that they are for and to the token server that it names,
// as clients of registries do.
//
// Lives on its executor.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/credentials.h"
#include "seaworthy/clock.h"
#include "seaworthy/transport.h"
#include "wiring/sources/registry_protocol.h"

namespace seaworthy::wiring {

struct ImageAt {
  std::string registry;      // "docker.io"
  std::string repository;    // "library/nginx"
  std::string digest;        // that runs
  std::string architecture;  // "amd64"
};

// Why a look-up gave nothing.
struct LookupFailure {
  bool lasting = false;  // asking again soon gives the same: not there, not allowed, not an image
  bool busy = false;     // the registry wants to be left alone
  Duration pause{};      // for how long, where it says so
  std::string reason;
};

class RegistryClient {
 public:
  // Null with a status: the server cannot be asked.
  using Connect = std::function<Result<Transport*>(const api::ServerAddress& server)>;
  // The text of a docker config.json, read anew each time; empty: none.
  using Credentials = std::function<std::string()>;
  using Done = std::function<void(const ImageConfig* config, const LookupFailure& failure)>;

  static constexpr Duration kDeadline = std::chrono::seconds(20);
  static constexpr int kPlaces = 2;

  RegistryClient(Connect connect, Credentials credentials, const Clock& clock);

  void LookUp(ImageAt image, Done done);

 private:
  struct Call;
  struct Held {
    std::string value;
    MonoTime until;
  };
  using OnBody = std::function<void(const std::shared_ptr<Call>& call, const std::string& body)>;

  void Manifest(const std::shared_ptr<Call>& call, const std::string& digest, bool may_be_index);
  void Config(const std::shared_ptr<Call>& call, const std::string& digest);
  // GET of one document of the image, with whatever authorization it takes.
  void Get(const std::shared_ptr<Call>& call, std::string target, std::string accept, std::string digest, OnBody then);
  void Send(const std::shared_ptr<Call>& call, std::string authorization, bool last);
  void OnAnswer(const std::shared_ptr<Call>& call, const Result<HttpResponse>& answer, bool last);
  void Authorize(const std::shared_ptr<Call>& call, const Challenge& challenge);
  void Follow(const std::shared_ptr<Call>& call, const std::string& location, int places);
  void OnDocument(const std::shared_ptr<Call>& call, const HttpResponse& answer);
  void Fail(const std::shared_ptr<Call>& call, LookupFailure failure);
  void FailFor(const std::shared_ptr<Call>& call, const HttpHead& head);

  const Connect connect_;
  const Credentials credentials_;
  const Clock& clock_;
  std::map<std::string, Held> tokens_;  // by registry and scope
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::wiring
