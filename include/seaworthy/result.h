// Status and Result<T>: how a fallible function answers. No exception crosses a stage boundary; the libraries that
// throw are caught in one file each (api/transport.cc, support/json.cc, sinks/http/).
//
// A code is an instruction to the caller, so each value says what to do.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace seaworthy {

enum class Code : std::uint8_t {
  kOk,                  // go on
  kUnavailable,         // the other side or the network failed: retry the same call after a backoff
  kResourceExhausted,   // told to slow down (429): retry after the wait that came with it
  kAborted,             // what the call was based on is outdated (409, 410): read again, then redo
  kFailedPrecondition,  // the system is not in the needed state: wait for a change of state
  kInvalidArgument,     // the input is wrong: report it, do not retry until it changes
  kNotFound,            // the named thing is not there
  kPermissionDenied,    // 403: degrade, re-probe slowly
  kUnauthenticated,     // 401: read the credential again
  kInternal,            // our own fault: count, log, carry on with the rest
};

std::string_view CodeName(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  static Status Ok() { return Status(); }

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  // Names the object and the field, where there is one: "shop/web containers[0].image: ...".
  const std::string& message() const { return message_; }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor): reads as a return value
  Result(Status status) : status_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    assert(!status_.ok());
  }

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }

  // REQUIRES: ok()
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return *std::move(value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace seaworthy
