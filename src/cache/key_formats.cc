#include "cache/key_formats.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace seaworthy::cache {
namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlnum(char c) { return IsUpper(c) || IsLower(c) || IsDigit(c); }
char Lower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsBase32(char c) { return IsUpper(c) || (c >= '2' && c <= '7'); }
bool IsLowerHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsHex(char c) { return IsLowerHex(c) || (c >= 'A' && c <= 'F'); }
bool IsWord(char c) { return IsAlnum(c) || c == '_'; }
bool IsUrlSafe(char c) { return IsWord(c) || c == '-'; }
bool IsDotted(char c) { return IsUrlSafe(c) || c == '.'; }
bool IsBase64(char c) { return IsAlnum(c) || c == '+' || c == '/' || c == '='; }

// A prefix, then at least `min` characters of a class (exactly that many where `exact`). The forms are those that the
// issuers publish and that gitleaks' and GitHub's secret scanning look for.
struct KeyFormat {
  std::string_view prefix;
  bool (*part_of)(char);
  std::size_t min;
  bool exact;
  std::string_view what;
};
constexpr std::array kFormats = std::to_array<KeyFormat>({
    {"AKIA", IsBase32, 16, true, "AWS access key id"},
    {"ASIA", IsBase32, 16, true, "AWS access key id"},
    {"ABIA", IsBase32, 16, true, "AWS access key id"},
    {"ACCA", IsBase32, 16, true, "AWS access key id"},
    {"ghp_", IsAlnum, 36, false, "GitHub token"},
    {"gho_", IsAlnum, 36, false, "GitHub token"},
    {"ghu_", IsAlnum, 36, false, "GitHub token"},
    {"ghs_", IsAlnum, 36, false, "GitHub token"},
    {"ghr_", IsAlnum, 36, false, "GitHub token"},
    {"github_pat_", IsWord, 50, false, "GitHub token"},
    {"glpat-", IsUrlSafe, 20, false, "GitLab token"},
    {"gldt-", IsUrlSafe, 20, false, "GitLab token"},
    {"glptt-", IsUrlSafe, 20, false, "GitLab token"},
    {"glrt-", IsUrlSafe, 20, false, "GitLab token"},
    {"xoxb-", IsUrlSafe, 20, false, "Slack token"},
    {"xoxp-", IsUrlSafe, 20, false, "Slack token"},
    {"xoxa-", IsUrlSafe, 20, false, "Slack token"},
    {"xoxr-", IsUrlSafe, 20, false, "Slack token"},
    {"xoxs-", IsUrlSafe, 20, false, "Slack token"},
    {"xapp-", IsUrlSafe, 20, false, "Slack token"},
    {"https://hooks.slack.com/services/", IsBase64, 40, false, "Slack webhook"},
    {"sk_live_", IsAlnum, 16, false, "Stripe key"},
    {"rk_live_", IsAlnum, 16, false, "Stripe key"},
    {"AIza", IsUrlSafe, 35, true, "Google API key"},
    {"GOCSPX-", IsUrlSafe, 24, false, "Google client secret"},
    {"ya29.", IsUrlSafe, 40, false, "Google access token"},
    {"npm_", IsAlnum, 36, true, "npm token"},
    {"pypi-AgEIcHlwaS5vcmc", IsUrlSafe, 50, false, "PyPI token"},
    {"SG.", IsDotted, 60, false, "SendGrid key"},
    {"SK", IsLowerHex, 32, true, "Twilio key"},
    {"key-", IsLowerHex, 32, true, "Mailgun key"},
    {"dop_v1_", IsLowerHex, 64, true, "DigitalOcean token"},
    {"doo_v1_", IsLowerHex, 64, true, "DigitalOcean token"},
    {"dckr_pat_", IsUrlSafe, 20, false, "Docker Hub token"},
    {"hvs.", IsUrlSafe, 24, false, "Vault token"},
    {"hvb.", IsUrlSafe, 24, false, "Vault token"},
    {"sk-ant-", IsUrlSafe, 32, false, "Anthropic key"},
    {"sk-proj-", IsUrlSafe, 32, false, "OpenAI key"},
    {"sk-svcacct-", IsUrlSafe, 32, false, "OpenAI key"},
    {"hf_", IsAlnum, 34, true, "Hugging Face token"},
    {"shpat_", IsHex, 32, true, "Shopify token"},
    {"shpss_", IsHex, 32, true, "Shopify token"},
    {"dapi", IsLowerHex, 32, true, "Databricks token"},
    {"glsa_", IsWord, 40, false, "Grafana token"},
    {"NRAK-", IsAlnum, 27, true, "New Relic key"},
    {"PMAK-", IsUrlSafe, 50, false, "Postman key"},
    {"lin_api_", IsAlnum, 40, false, "Linear key"},
    {"sntrys_", IsBase64, 40, false, "Sentry token"},
    {"AGE-SECRET-KEY-1", IsAlnum, 58, true, "age key"},
    {"AccountKey=", IsBase64, 80, false, "Azure storage key"},
    {"SharedAccessKey=", IsBase64, 40, false, "Azure shared access key"},
});

constexpr std::array<bool, 256> kFirst = [] {
  std::array<bool, 256> first{};
  for (const KeyFormat& format : kFormats) first[static_cast<unsigned char>(format.prefix[0])] = true;
  return first;
}();

// "ghp_xxxxxxxx...": a key has some variety. The documentation's AKIAIOSFODNN7EXAMPLE has it, too.
bool IsDummy(std::string_view body) {
  std::array<bool, 256> seen{};
  int distinct = 0;
  for (char c : body.substr(0, 256)) {
    bool& mark = seen[static_cast<unsigned char>(c)];
    distinct += mark ? 0 : 1;
    mark = true;
  }
  return distinct < 6 || body.find("EXAMPLE") != std::string_view::npos;
}

bool IsWhole(std::string_view value, std::size_t begin) { return begin == 0 || !IsAlnum(value[begin - 1]); }

// How many characters from `at` on are of the class, at most `most`: unbounded runs would make the search quadratic.
std::size_t Run(std::string_view value, std::size_t at, bool (*part_of)(char), std::size_t most) {
  const std::size_t limit = std::min(value.size(), at + most);
  std::size_t end = at;
  while (end < limit && part_of(value[end])) ++end;
  return end - at;
}

// header.payload.signature, each base64url; header and payload are JSON objects ("{\"" encodes to "eyJ").
bool IsJwt(std::string_view value, std::size_t at) {
  const std::size_t header = Run(value, at, IsUrlSafe, 512);
  std::size_t next = at + header;
  if (header < 12 || value.substr(next, 4) != ".eyJ") return false;
  const std::size_t payload = Run(value, next + 1, IsUrlSafe, 8192);
  next += 1 + payload;
  return payload >= 12 && next < value.size() && value[next] == '.' && Run(value, next + 1, IsUrlSafe, 20) == 20;
}

// "-----BEGIN RSA PRIVATE KEY-----" and all its kin.
bool HasPemKey(std::string_view value) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  for (std::size_t at = value.find(kBegin); at != std::string_view::npos; at = value.find(kBegin, at + 1)) {
    if (value.substr(at, 64).find("PRIVATE KEY") != std::string_view::npos) return true;
  }
  return false;
}

// "Authorization: Bearer X" or Basic, in a header argument.
bool HasAuthorizationHeader(std::string_view value) {
  for (std::string_view scheme : {std::string_view("Bearer "), std::string_view("Basic ")}) {
    for (std::size_t at = value.find(scheme); at != std::string_view::npos; at = value.find(scheme, at + 1)) {
      const std::size_t begin = at + scheme.size();
      const std::size_t size = Run(value, begin, [](char c) { return IsBase64(c) || IsDotted(c) || c == '~'; }, 64);
      const bool after_name = at >= 2 && (value[at - 1] == ' ' || value[at - 1] == ':' || value[at - 1] == '=');
      if (size >= 12 && after_name && !IsDummy(value.substr(begin, size))) return true;
    }
  }
  return false;
}

bool EqualNoCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return Lower(x) == Lower(y); });
}

}  // namespace

std::string_view FindKeyFormat(std::string_view value) {
  if (value.size() < 12) return {};
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    if (!kFirst[static_cast<unsigned char>(c)] && c != 'e') continue;
    if (!IsWhole(value, at)) continue;
    if (c == 'e') {
      if (value.substr(at, 3) == "eyJ" && IsJwt(value, at)) return "JSON web token";
      continue;
    }
    for (const KeyFormat& format : kFormats) {
      if (format.prefix[0] != c || value.substr(at, format.prefix.size()) != format.prefix) continue;
      const std::size_t body = at + format.prefix.size();
      const std::size_t size = Run(value, body, format.part_of, format.min + 1);
      // A longer run is something else that begins alike, unless the issuer leaves the length open.
      const bool fits = format.exact
                            ? size == format.min && (body + size == value.size() || !IsAlnum(value[body + size]))
                            : size >= format.min;
      if (fits && !IsDummy(value.substr(body, size))) return format.what;
    }
  }
  if (HasPemKey(value)) return "private key";
  if (HasAuthorizationHeader(value)) return "authorization header";
  return {};
}

bool IsPlaceholder(std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '"' || value.front() == '\''))
    value.remove_prefix(1);
  while (!value.empty() &&
         (value.back() == ' ' || value.back() == '\n' || value.back() == '"' || value.back() == '\'')) {
    value.remove_suffix(1);
  }
  if (value.empty()) return true;
  // A reference that Kubernetes, a shell, a template engine or a secrets injector resolves.
  if (value.find("$(") != std::string_view::npos || value.find("${") != std::string_view::npos ||
      value.find("{{") != std::string_view::npos || value.find('`') != std::string_view::npos) {
    return true;
  }
  if (value[0] == '$' && value.size() > 1 && (IsWord(value[1]) && !IsDigit(value[1])) &&
      Run(value, 1, IsWord, value.size()) == value.size() - 1) {
    return true;
  }
  if (value.front() == '<' && value.back() == '>') return true;
  if (value.front() == '%' && (value.size() == 2 || value.back() == '%')) return true;
  for (std::string_view prefix : {"vault:", "arn:", "ref+", "ENC[", "secretref:", "projects/"}) {
    if (value.substr(0, prefix.size()) == prefix) return true;
  }
  // "xxx", "***", "...", "---": one character only.
  if (std::string_view("xX*.-_#?").find(value[0]) != std::string_view::npos &&
      value.find_first_not_of(value[0]) == std::string_view::npos) {
    return true;
  }
  for (std::string_view word :
       {"REPLACE_ME", "REPLACEME", "REPLACE-ME", "CHANGE_ME", "TODO", "TBD", "FIXME", "REDACTED", "PLACEHOLDER",
        "[REDACTED]", "__REPLACE_ME__", "FILL_ME_IN", "FILL-ME-IN", "INSERT_HERE"}) {
    if (EqualNoCase(value, word)) return true;
  }
  constexpr std::string_view kYour = "your";
  return value.size() > kYour.size() && EqualNoCase(value.substr(0, 4), kYour) &&
         (value[4] == '-' || value[4] == '_' || value[4] == ' ');
}

bool HasUrlPassword(std::string_view value) {
  // Go's MySQL driver: user:password@tcp(host:3306)/db.
  for (std::string_view form : {std::string_view("@tcp("), std::string_view("@unix(")}) {
    const std::size_t at = value.find(form);
    if (at == std::string_view::npos) continue;
    const std::string_view user_info = value.substr(0, at);
    const std::size_t colon = user_info.find(':');
    if (colon != std::string_view::npos && !IsPlaceholder(user_info.substr(colon + 1))) return true;
  }
  constexpr std::string_view kScheme = "://";
  constexpr std::size_t kLongestAuthority = 1024;
  // Each turn looks no further than the next '@' and then goes on from there, so that all turns together read the value
  // once.
  for (std::size_t at = value.find(kScheme); at != std::string_view::npos; at = value.find(kScheme, at)) {
    at += kScheme.size();
    if (at == kScheme.size() || !IsAlnum(value[at - kScheme.size() - 1])) continue;
    const std::string_view window = value.substr(at, kLongestAuthority);
    const std::size_t sign = window.find('@');
    if (sign == std::string_view::npos) {
      at += window.size() == kLongestAuthority ? kLongestAuthority / 2 : window.size();
      continue;
    }
    const std::string_view user_info = window.substr(0, sign);
    const std::size_t stop = std::min(user_info.find_first_of(" \t\r\n\"'<>"), user_info.find(kScheme));
    if (stop != std::string_view::npos) {
      at += stop;  // the '@' belongs to something else
      continue;
    }
    at += sign;
    if (user_info.starts_with('[')) continue;  // an IPv6 address stands where a user would
    const std::size_t colon = user_info.find(':'), cut = user_info.find_first_of("/?#");
    if (colon == std::string_view::npos || colon > cut) continue;
    // An unescaped / in a password is wrong, and seen; but behind a port it begins the path, and the '@' stands in
    // that.
    if (cut != std::string_view::npos && (cut == colon + 1 || IsDigit(user_info[colon + 1]))) continue;
    if (!IsPlaceholder(user_info.substr(colon + 1))) return true;
  }
  return false;
}

}  // namespace seaworthy::cache
