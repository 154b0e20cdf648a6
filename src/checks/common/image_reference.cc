#include "checks/common/image_reference.h"

#include <algorithm>

namespace seaworthy::checks {
namespace {

constexpr std::string_view kDefaultRegistry = "docker.io";
// The longest name and tag that distribution/reference accepts.
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxTag = 128;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsWord(char c) { return IsLower(c) || IsUpper(c) || IsDigit(c) || c == '_'; }

// [a-z0-9]+ joined by one of: a dot, one or two underscores, any number of hyphens.
bool IsPathComponent(std::string_view text) {
  const auto alphanumeric = [](char c) { return IsLower(c) || IsDigit(c); };
  if (text.empty() || !alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (alphanumeric(text[i])) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    while (i < text.size() && !alphanumeric(text[i])) ++i;
    const std::string_view separator = text.substr(start, i - start);
    const bool hyphens = separator.find_first_not_of('-') == std::string_view::npos;
    if (!hyphens && separator != "." && separator != "_" && separator != "__") return false;
  }
  return true;
}

bool IsPath(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (!IsPathComponent(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool IsPort(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit); }

bool IsRegistry(std::string_view text) {
  if (text.starts_with('[')) {  // an IPv6 address
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    const std::string_view address = text.substr(1, end - 1);
    if (!std::all_of(address.begin(), address.end(), [](char c) { return IsHex(c) || c == ':'; })) return false;
    text.remove_prefix(end + 1);
    return text.empty() || (text.front() == ':' && IsPort(text.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && !IsPort(text.substr(colon + 1))) return false;
  std::string_view host = text.substr(0, colon);
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return (IsWord(c) && c != '_') || c == '-'; }))
      return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

// What stands before the first slash is a registry where it cannot be a path component of Docker Hub.
bool NamesRegistry(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:[") != std::string_view::npos ||
         std::any_of(first.begin(), first.end(), IsUpper);
}

bool IsTag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kMaxTag && IsWord(tag.front()) &&
         std::all_of(tag.begin(), tag.end(), [](char c) { return IsWord(c) || c == '.' || c == '-'; });
}

bool IsDigest(std::string_view digest) {
  const std::size_t colon = digest.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view algorithm = digest.substr(0, colon);
  const std::string_view hex = digest.substr(colon + 1);
  // Words joined by one of - _ + . where each starts with a letter.
  bool start = true;
  for (char c : algorithm) {
    if (start) {
      if (!IsLower(c) && !IsUpper(c)) return false;
      start = false;
    } else if (c == '-' || c == '_' || c == '+' || c == '.') {
      start = true;
    } else if (!IsLower(c) && !IsUpper(c) && !IsDigit(c)) {
      return false;
    }
  }
  if (start || !std::all_of(hex.begin(), hex.end(), IsHex)) return false;
  const auto lower = [](char c) { return !IsUpper(c); };
  if (algorithm == "sha256") return hex.size() == 64 && std::all_of(hex.begin(), hex.end(), lower);
  if (algorithm == "sha384") return hex.size() == 96 && std::all_of(hex.begin(), hex.end(), lower);
  if (algorithm == "sha512") return hex.size() == 128 && std::all_of(hex.begin(), hex.end(), lower);
  return hex.size() >= 32;
}

}  // namespace

std::string ImageReference::Name() const {
  std::string name;
  name.reserve(registry.size() + repository.size() + 9);
  name += registry;
  name += '/';
  if (official) name += "library/";
  name += repository;
  return name;
}

std::string ImageReference::Canonical() const {
  std::string text = Name();
  if (!digest.empty()) {
    text += '@';
    text += digest;
  } else {
    text += ':';
    text += tag.empty() ? std::string_view("latest") : tag;
  }
  return text;
}

std::optional<ImageReference> ParseImageReference(std::string_view text) {
  ImageReference reference;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    reference.digest = text.substr(at + 1);
    if (!IsDigest(reference.digest)) return std::nullopt;
    text = text.substr(0, at);
  }
  // The colon of a registry's port stands before the last slash.
  const std::size_t last_slash = text.rfind('/');
  const std::size_t colon = text.find(':', last_slash == std::string_view::npos ? 0 : last_slash);
  if (colon != std::string_view::npos) {
    reference.tag = text.substr(colon + 1);
    if (!IsTag(reference.tag)) return std::nullopt;
    text = text.substr(0, colon);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && NamesRegistry(text.substr(0, slash))) {
    reference.registry = text.substr(0, slash);
    reference.repository = text.substr(slash + 1);
    if (!IsRegistry(reference.registry)) return std::nullopt;
  } else {
    reference.registry = kDefaultRegistry;
    reference.repository = text;
  }
  if (reference.registry == "index.docker.io") reference.registry = kDefaultRegistry;
  if (!IsPath(reference.repository)) return std::nullopt;
  reference.official =
      reference.registry == kDefaultRegistry && reference.repository.find('/') == std::string_view::npos;
  // As distribution/reference since 0.6: of the path, with what it is short for.
  constexpr std::size_t kLibrary = sizeof("library/") - 1;
  if (reference.repository.size() + (reference.official ? kLibrary : 0) > kMaxName) return std::nullopt;
  // 64 hexadecimal digits alone are an image's id, not a name.
  if (slash == std::string_view::npos && text.size() == 64 && std::all_of(text.begin(), text.end(), IsHex)) {
    return std::nullopt;
  }
  return reference;
}

bool IsPlaceholder(std::string_view text) {
  return text.find_first_of("${}<>%") != std::string_view::npos || text.find("://") != std::string_view::npos ||
         text.starts_with("__");
}

std::string_view DigestOfImageId(std::string_view image_id) {
  if (const std::size_t scheme = image_id.find("://"); scheme != std::string_view::npos)
    image_id.remove_prefix(scheme + 3);
  if (const std::size_t at = image_id.rfind('@'); at != std::string_view::npos) image_id.remove_prefix(at + 1);
  return IsDigest(image_id) ? image_id : std::string_view();
}

}  // namespace seaworthy::checks
