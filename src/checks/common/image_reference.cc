#include "checks/common/image_reference.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>

namespace seaworthy::checks {
namespace {

constexpr std::string_view kDefaultRegistry = "docker.io";
// The longest name and tag that distribution/reference accepts.
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxTag = 128;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) { return IsLower(c) || IsUpper(c) || IsDigit(c) || c == '_'; }

// Digests are most of what is read here: looked up, not compared.
constexpr std::uint8_t kHex = 1, kLowerHex = 2;
constexpr std::array<std::uint8_t, 256> kHexDigits = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = kHex | kLowerHex;
  for (unsigned c = 'a'; c <= 'f'; ++c) classes[c] = kHex | kLowerHex;
  for (unsigned c = 'A'; c <= 'F'; ++c) classes[c] = kHex;
  return classes;
}();
bool IsHex(char c) { return kHexDigits[static_cast<unsigned char>(c)] != 0; }
// All of them are of the class.
bool Are(std::string_view text, std::uint8_t of) {
  std::uint8_t common = of;
  for (const char c : text) common &= kHexDigits[static_cast<unsigned char>(c)];
  return common == of;
}

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
  if (start) return false;
  if (algorithm == "sha256") return hex.size() == 64 && Are(hex, kLowerHex);
  if (algorithm == "sha384") return hex.size() == 96 && Are(hex, kLowerHex);
  if (algorithm == "sha512") return hex.size() == 128 && Are(hex, kLowerHex);
  return hex.size() >= 32 && Are(hex, kHex);
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

namespace {

std::optional<ImageReference> Parse(std::string_view text) {
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

// The last answers, as a dozen checks in a row ask about the images of one workload. By content: a text may be gone and
// another stand in its place.
template <typename Answer>
class Recent {
 public:
  // `work_out` answers from the text kept here, so that views into it stay valid until the slot is used again.
  template <typename WorkOut>
  const Answer& Of(std::string_view text, WorkOut work_out, std::string_view& kept) {
    // Texts are interned: the same one stands at the same address.
    const auto address = reinterpret_cast<std::uintptr_t>(text.data());
    Slot& slot = slots_[((address >> 4) ^ (address >> 10)) % kSlots];
    if (!slot.used || slot.text != text) {
      slot.used = false;  // until the answer is that text's
      slot.text = text;
      slot.answer = work_out(std::string_view(slot.text));
      slot.used = true;
    }
    kept = slot.text;
    return slot.answer;
  }

 private:
  static constexpr std::size_t kSlots = 64;
  struct Slot {
    bool used = false;
    std::string text;
    Answer answer{};
  };
  std::array<Slot, kSlots> slots_;
};

// A view into `from`, as one into `to`, which is equal; of anything else as it is.
std::string_view Rebase(std::string_view view, std::string_view from, std::string_view to) {
  const std::less_equal<const char*> not_after;
  const bool inside =
      not_after(from.data(), view.data()) && not_after(view.data() + view.size(), from.data() + from.size());
  return inside ? to.substr(static_cast<std::size_t>(view.data() - from.data()), view.size()) : view;
}

std::string_view FindDigest(std::string_view image_id) {
  if (const std::size_t scheme = image_id.find("://"); scheme != std::string_view::npos)
    image_id.remove_prefix(scheme + 3);
  if (const std::size_t at = image_id.rfind('@'); at != std::string_view::npos) image_id.remove_prefix(at + 1);
  return IsDigest(image_id) ? image_id : std::string_view();
}

}  // namespace

std::optional<ImageReference> ParseImageReference(std::string_view text) {
  thread_local Recent<std::optional<ImageReference>> recent;
  std::string_view kept;
  std::optional<ImageReference> reference = recent.Of(text, Parse, kept);
  if (!reference) return reference;
  for (std::string_view* part : {&reference->registry, &reference->repository, &reference->tag, &reference->digest})
    *part = Rebase(*part, kept, text);
  return reference;
}

bool IsPlaceholder(std::string_view text) {
  return text.find_first_of("${}<>%") != std::string_view::npos || text.find("://") != std::string_view::npos ||
         text.starts_with("__");
}

std::string_view DigestOfImageId(std::string_view image_id) {
  thread_local Recent<std::string_view> recent;
  std::string_view kept;
  const std::string_view digest = recent.Of(image_id, FindDigest, kept);
  return Rebase(digest, kept, image_id);
}

}  // namespace seaworthy::checks
