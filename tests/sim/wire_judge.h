// What is wrong with how a client lists and watches, as somebody sees it who reads along on its connection: what ends
// well may still have been luck.
//
// Single-threaded, of one link. What it is told is what the client was told, whole.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/transport.h"

namespace seaworthy::sim {

class WireJudge {
 public:
  // A list was answered; a watch is opened; a frame was taken by a watch that went on after it.
  void OnList(const HttpRequest& request, const HttpResponse& response);
  void OnWatch(const HttpRequest& request);
  void OnFrame(const HttpRequest& request, std::string_view frame);
  // A watch was refused with 404; the kinds that are served are asked for.
  void OnNotFound(const HttpRequest& request, MonoTime now);
  void OnDiscovery(MonoTime now);
  // A stream was left silent until the transport's own limit ended it.
  void OnLeftSilent(const HttpRequest& request);

  const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Followed {
    std::uint64_t listed = 0;  // version of the last list
    std::uint64_t seen = 0;    // the newest that came since
    bool mixed = false;        // that list's pages were of different states
    bool listing = false;      // the initial events of a watch are not complete
  };
  // Longer than a process is stopped or a connection is held; what is looked for at intervals is so less often.
  static constexpr Duration kLookedForWithin = std::chrono::minutes(6);
  std::map<std::string, Followed, std::less<>> followed_;   // by path
  std::map<std::string, MonoTime, std::less<>> not_found_;  // and not looked for since
  std::vector<std::string> problems_;
};

}  // namespace seaworthy::sim
