// Which of our kinds the server has, and in which version (RELIABILITY.md 1.2).
//
// Aggregated discovery (KEP-3352: one document for /api, one for /apis) where the server offers it, else the plain
// documents of the groups that we need. What cannot be learned now keeps its previous answer: an aggregated API that is
// down, or a group whose document failed, is no proof that anything was removed.
//
// Lives on its executor.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/kind.h"
#include "seaworthy/transport.h"
#include "support/json.h"

namespace seaworthy::api {

struct ServerVersion {
  int major = 0, minor = 0;  // 0.0: not known yet
  std::string git_version;

  bool known() const { return major > 0; }
  bool AtLeast(int other_major, int other_minor) const {
    return major != other_major ? major > other_major : minor >= other_minor;
  }
  // WatchList is on by default from here; 1.32 had it on and 1.33 off again (apiserver kube_features.go).
  bool StreamsLists() const { return AtLeast(1, 34); }
  // KEP-5504: resource versions are ordered numbers by contract.
  bool ComparesVersions() const { return AtLeast(1, 35); }
};

struct KindAnswer {
  bool known = false;
  std::string version;  // "v1"; empty when known: the server does not have the kind
  bool served() const { return known && !version.empty(); }
};

struct DiscoveryResult {
  ServerVersion version;
  std::array<KindAnswer, kKindCount> kinds;
  const KindAnswer& operator[](Kind kind) const { return kinds[static_cast<std::size_t>(kind)]; }

  // Of the last run: what could not be asked. The answers above are then the previous ones.
  std::vector<std::string> problems;
  std::optional<WallTime> server_time;  // Date of an answer
};

class Discovery {
 public:
  using Done = std::function<void(const DiscoveryResult&)>;

  explicit Discovery(Transport* transport) : transport_(transport) {}

  // Asks now. A call while one runs gets a run of its own afterwards: what caused it may have come after that one's
  // answer.
  void Run(Done done);
  const DiscoveryResult& result() const { return result_; }
  std::uint64_t runs() const { return runs_; }

  // Pure parts, exposed for tests. Each updates `result` for the kinds that the document speaks about.
  static bool ReadAggregated(const support::Node& document, bool core, DiscoveryResult& result);
  static void ReadResourceList(const support::Node& document, std::string_view group, std::string_view version,
                               DiscoveryResult& result);
  static ServerVersion ReadVersion(const support::Node& document);

 private:
  struct Pass;  // one run under way

  void Begin(std::vector<Done> waiting);
  void Ask(const std::shared_ptr<Pass>& pass, std::string target, std::string accept,
           std::function<void(const support::Node&, const HttpHead&)> on_document,
           std::function<void(std::string why)> on_failure);
  void OnRoot(const std::shared_ptr<Pass>& pass, const support::Node& document, bool core);
  void AskVersion(const std::shared_ptr<Pass>& pass, std::string group, std::string version);
  void Finish(Pass& pass);

  Transport* const transport_;
  DiscoveryResult result_;
  std::uint64_t runs_ = 0;
  bool running_ = false;
  std::vector<Done> next_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // answers that come after us find it gone
};

}  // namespace seaworthy::api
