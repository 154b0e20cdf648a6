#include "cache/url_host.h"

#include <algorithm>

namespace seaworthy::cache {

std::string HostOfUrl(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) {
    const std::size_t end = url.find(']');
    url = end == std::string_view::npos ? std::string_view() : url.substr(1, end - 1);
  } else {
    url = url.substr(0, url.find(':'));
  }
  if (url.ends_with('.')) url.remove_suffix(1);
  std::string host(url);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return host;
}

}  // namespace seaworthy::cache
