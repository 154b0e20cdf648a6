// A whole collection by list requests: pages of 500, consistent, or nothing (RELIABILITY.md 1.2).
//
// No request names a resource version: the first page is then read from a quorum, and the continue token pins the rest
// to it. A page that fails takes all pages with it; a token that expired (410) starts over, because the token that
// comes with that 410 leads to an inconsistent list (apiserver etcd3/errors.go) and skipping the rest would look like
// deletions (kube-rs #1524).
//
// Lives on its executor. The owner is told of the end last, exactly once, and may destroy the list then; destroying it
// earlier drops the answer that is under way.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/classify.h"
#include "seaworthy/transport.h"
#include "support/json.h"

namespace seaworthy::api {

class PagedListOwner {
 public:
  virtual ~PagedListOwner() = default;
  // What came so far is void; the items begin again.
  virtual void OnListBegin() = 0;
  virtual void OnListItem(const support::Node& item) = 0;
  virtual void OnListUnreadable(std::string detail) = 0;  // "namespace/name: why"
  virtual void OnListDone(std::string resource_version) = 0;
  virtual void OnListFailed(Verdict verdict) = 0;
  // Protobuf that cannot be read: the list begins again, in JSON.
  virtual void OnListFormat(std::string why) = 0;
};

class PagedList {
 public:
  static constexpr int kPageSize = 500;
  // The API server cuts a request at 60 s.
  static constexpr Duration kPageDeadline = std::chrono::seconds(65);
  static constexpr int kRestarts = 2;

  // `protobuf`: asked for; the server may still answer in JSON.
  PagedList(Transport* transport, support::Tree* tree, std::string collection, std::string_view label_selector,
            bool protobuf, PagedListOwner* owner);
  PagedList(const PagedList&) = delete;
  PagedList& operator=(const PagedList&) = delete;

  // First page. Begins with OnListBegin.
  void Start();

 private:
  void Fetch();
  void OnAnswer(const Result<HttpResponse>& response);
  // From the first page again, or at last in one piece.
  void Restart(Verdict last_reason);

  Transport* const transport_;
  support::Tree* const tree_;
  const std::string collection_;
  const std::string_view label_selector_;  // of the kind table
  PagedListOwner* const owner_;
  support::Tree head_;
  bool protobuf_;
  bool paged_ = true;
  int restarts_ = 0;
  std::string continue_;
  std::string resource_version_;  // of the first page
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::api
