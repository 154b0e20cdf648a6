// Looks up in container registries when the images that run were built and what was left in them: each digest once, for
// it cannot change.
//
// Few at a time and not more than one a second: registries count what they are asked (Docker Hub some ten manifests an
// hour from one address). One that wants to be left alone is, for as long as it says.
//
// Lives on its executor.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/watch_event.h"
#include "support/json.h"
#include "wiring/sources/registry_client.h"

namespace seaworthy::wiring {

// An image that runs, as the cluster shows it.
struct RunningImage {
  std::string digest;
  std::string reference;     // "nginx:1.27"
  std::string architecture;  // of a node that runs it; empty: not known
  bool known = false;        // the World has a fact of it (kept by an earlier run)
};

struct RegistryOptions {
  std::set<std::string> hosts;  // "docker.io", "registry.example:5000"; empty: all
};

class Registry {
 public:
  static constexpr Duration kLook = std::chrono::minutes(1);  // for images that are new
  static constexpr Duration kSpacing = std::chrono::seconds(1);
  static constexpr Duration kFlush = std::chrono::seconds(5);  // results are delivered together
  static constexpr std::size_t kAtOnce = 2;
  static constexpr Duration kAgain = std::chrono::minutes(10);       // after a failure that may pass
  static constexpr int kTries = 3;                                   // then it is said
  static constexpr Duration kAgainLasting = std::chrono::hours(12);  // after one that will not soon
  static constexpr Duration kBusy = std::chrono::hours(1);           // where a registry does not say for how long

  // Answers some time later, on the executor.
  using Running = std::function<void(std::function<void(std::vector<RunningImage>)> done)>;

  Registry(RegistryOptions options, RegistryClient::Connect connect, RegistryClient::Credentials credentials,
           Executor& executor, const Clock& clock, const ObjectDecoder& decoder, WatchSink& sink, Running running);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  void Start();

 private:
  struct Image {
    ImageAt at;
    bool done = false;  // the fact is told; nothing more to ask
    bool asking = false;
    int failures = 0;
    MonoTime not_before;
  };

  void Look();
  void OnRunning(std::vector<RunningImage> running);
  std::optional<ImageAt> PlaceOf(const RunningImage& image, std::string& problem) const;
  void Pump();
  void Ask(Image& image);
  void OnResult(const std::string& digest, const ImageConfig* config, const LookupFailure& failure);
  void Tell(const std::string& digest, const std::string& json);
  void Flush();

  const RegistryOptions options_;
  Executor& executor_;
  const Clock& clock_;
  const ObjectDecoder& decoder_;
  WatchSink& sink_;
  const Running running_;
  RegistryClient client_;
  support::Tree tree_;
  std::map<std::string, Image> images_;         // by digest
  std::map<std::string, MonoTime> busy_until_;  // by registry
  std::vector<WatchEvent> results_;
  std::size_t asking_ = 0;
  MonoTime last_asked_;
  Executor::TimerId look_timer_ = 0, pump_timer_ = 0, flush_timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::wiring
