// The host of a URL, as hosts are compared: lower case, without port and user info.
#pragma once

#include <string>
#include <string_view>

namespace seaworthy::cache {

// "https://user:secret@Shop.example:8443/x" and "shop.example:8443" both give "shop.example". Empty where there is
// none.
std::string HostOfUrl(std::string_view url);

}  // namespace seaworthy::cache
