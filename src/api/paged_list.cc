#include "api/paged_list.h"

#include <utility>

#include "api/kubernetes_protobuf.h"
#include "api/url.h"

namespace seaworthy::api {

PagedList::PagedList(Transport* transport, support::Tree* tree, std::string collection, std::string_view label_selector,
                     bool protobuf, PagedListOwner* owner)
    : transport_(transport),
      tree_(tree),
      collection_(std::move(collection)),
      label_selector_(label_selector),
      owner_(owner),
      protobuf_(protobuf) {}

void PagedList::Start() {
  continue_.clear();
  resource_version_.clear();
  owner_->OnListBegin();
  Fetch();
}

void PagedList::Fetch() {
  Query query;
  if (paged_) query.AddInt("limit", kPageSize);
  if (!label_selector_.empty()) query.Add("labelSelector", label_selector_);
  if (!continue_.empty()) query.Add("continue", continue_);
  transport_->Unary({.target = collection_ + query.str(),
                     .accept = protobuf_ ? std::string(kProtobufOrJson) : std::string(),
                     .deadline = kPageDeadline},
                    [this, alive = std::weak_ptr(alive_)](const Result<HttpResponse>& response) {
                      if (!alive.expired()) OnAnswer(response);
                    });
}

void PagedList::OnAnswer(const Result<HttpResponse>& response) {
  if (!response.ok()) {
    owner_->OnListFailed(ClassifyTransportError(response.status()));
    return;
  }
  if (Verdict verdict = ClassifyAnswer(response->head, response->body); verdict.action != Action::kProceed) {
    if (verdict.action == Action::kRelist && !continue_.empty()) {
      Restart(std::move(verdict));
    } else {
      owner_->OnListFailed(std::move(verdict));
    }
    return;
  }
  const auto on_item = [this](const support::Node& item) { owner_->OnListItem(item); };
  Status parsed;
  if (IsProtobufContentType(response->head.content_type)) {
    parsed = ParseProtobufList(response->body, head_, *tree_, on_item);
    if (!parsed.ok()) {
      protobuf_ = false;
      owner_->OnListFormat(parsed.message());
      Start();
      return;
    }
  } else {
    parsed = support::ParseJsonList(response->body, head_, *tree_, on_item,
                                    [this](std::string detail) { owner_->OnListUnreadable(std::move(detail)); });
  }
  const support::Node& metadata = head_.root()["metadata"];
  const std::string version(metadata["resourceVersion"].text());
  std::string next(metadata["continue"].text());
  const auto malformed = [](std::string why) {
    return Verdict{Action::kBackoff, std::nullopt, "decode_error", false, std::move(why)};
  };
  if (!parsed.ok() || version.empty()) {
    owner_->OnListFailed(malformed(parsed.ok() ? "a list without a resource version"
                                               : "a list that cannot be read: " + parsed.message()));
    return;
  }
  if (resource_version_.empty()) resource_version_ = version;
  // Pages of different states are no state at all.
  if (version != resource_version_) {
    Restart(malformed("pages of different resource versions"));
    return;
  }
  if (next.empty()) {
    owner_->OnListDone(std::move(resource_version_));
    return;
  }
  if (next == continue_) {
    owner_->OnListFailed(malformed("a continue token that leads to itself"));
    return;
  }
  continue_ = std::move(next);
  Fetch();
}

void PagedList::Restart(Verdict last_reason) {
  if (!paged_) {
    owner_->OnListFailed(std::move(last_reason));
    return;
  }
  // client-go's pager lists in one piece at the first expiry; two tries more spare the server that, unless it compacts
  // faster than we read.
  if (++restarts_ > kRestarts) paged_ = false;
  Start();
}

}  // namespace seaworthy::api
