// From the library's exceptions to what a WireResult says. The library mixes error codes of several categories without
// saying which; its messages name the step that failed, so both are read.
#pragma once

#include <string>
#include <string_view>

#include "api/wire.h"

namespace seaworthy::api {

// `tls_reason`: why the server's certificate was refused, if it was; the library says "handshake error" for everything.
WireResult DescribeFailure(std::string_view what, int code, std::string_view tls_reason);

}  // namespace seaworthy::api
