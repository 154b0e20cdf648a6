#include "cache/credentials_fact.h"

#include <algorithm>
#include <array>
#include <string>

#include "cache/key_formats.h"

namespace seaworthy::cache {
namespace {

using Evidence = CredentialFact::Evidence;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A name's words in upper case: "dbPassword" and "DB_PASSWORD" are both DB, PASSWORD. Names are short; longer ones are
// cut.
class NameWords {
 public:
  explicit NameWords(std::string_view name) {
    bool open = false;
    for (std::size_t i = 0; i < name.size() && size_ < text_.size(); ++i) {
      const char c = name[i];
      if (!IsUpper(c) && !IsLower(c) && !IsDigit(c)) {
        open = false;
        continue;
      }
      const bool hump = IsUpper(c) && i > 0 && (IsLower(name[i - 1]) || IsDigit(name[i - 1]));
      if (!open || hump) {
        if (count_ == kMost) return;
        begins_[count_++] = size_;
        open = true;
      }
      text_[size_++] = IsLower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  // Counted from the end: Last(0) is the last word; empty when there is none.
  std::string_view Last(std::size_t n) const {
    if (n >= count_) return {};
    const std::size_t word = count_ - 1 - n;
    const std::size_t end = word + 1 == count_ ? size_ : begins_[word + 1];
    return std::string_view(text_.data() + begins_[word], end - begins_[word]);
  }
  std::size_t count() const { return count_; }
  void DropLast() {
    if (count_ > 0) size_ = begins_[--count_];
  }

 private:
  static constexpr std::size_t kMost = 24;
  std::array<char, 256> text_;
  std::array<std::size_t, kMost> begins_{};
  std::size_t count_ = 0, size_ = 0;
};

template <std::size_t N>
bool IsOneOf(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool EndsWith(std::string_view word, std::string_view end) {
  return word.size() >= end.size() && word.substr(word.size() - end.size()) == end;
}

// API_KEY, PRIVATE_KEY: what makes a KEY secret. PUBLIC_KEY, PARTITION_KEY, KEY by itself are none.
constexpr auto kSecretKeys = std::to_array<std::string_view>(
    {"API",     "ACCESS", "SECRET",  "PRIVATE", "ENCRYPTION", "ENCRYPT", "SIGNING", "SIGN",
     "MASTER",  "AUTH",   "SESSION", "COOKIE",  "APP",        "HMAC",    "JWT",     "ACCOUNT",
     "STORAGE", "SSH",    "DEPLOY",  "SHARED",  "ADMIN",      "CLIENT"});

// What may follow and changes nothing: DB_PASSWORD_VALUE, SECRET_KEY_BASE, API_KEY_2.
constexpr auto kFillers =
    std::to_array<std::string_view>({"VALUE", "BASE", "DEFAULT", "STRING", "TEXT", "PLAIN", "PLAINTEXT", "LITERAL"});

constexpr auto kSwitches = std::to_array<std::string_view>(
    {"true",          "false",    "yes",    "no",      "on",     "off",       "y",     "n",
     "enabled",       "disabled", "enable", "disable", "none",   "null",      "nil",   "undefined",
     "required",      "optional", "auto",   "always",  "never",  "default",   "plain", "basic",
     "bearer",        "digest",   "oidc",   "oauth",   "oauth2", "ldap",      "md5",   "scram-sha-256",
     "scram-sha-512", "trust",    "env",    "file",    "vault",  "kubernetes"});

char ToLower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsSwitch(std::string_view value) {
  for (std::string_view word : kSwitches) {
    if (word.size() == value.size() &&
        std::equal(word.begin(), word.end(), value.begin(), [](char a, char b) { return a == ToLower(b); })) {
      return true;
    }
  }
  return false;
}

bool IsNumber(std::string_view value) { return value.find_first_not_of("0123456789.,+-_") == std::string_view::npos; }

// 15m, 1h30m, 500ms, 7d, 24 hours; ISO 8601's PT15M. Digits first, then letters of units only.
bool IsDuration(std::string_view value) {
  if (value.size() > 1 && value[0] == 'P' && value.find_first_not_of("PTYMWDHS0123456789.") == std::string_view::npos)
    return true;
  if (value.empty() || !IsDigit(value[0])) return false;
  std::size_t at = 0;
  while (at < value.size()) {
    std::size_t digits = at;
    while (digits < value.size() && (IsDigit(value[digits]) || value[digits] == '.')) ++digits;
    if (digits == at) return false;
    while (digits < value.size() && value[digits] == ' ') ++digits;
    std::size_t unit = digits;
    while (unit < value.size() && IsLower(value[unit])) ++unit;
    const std::string_view name = value.substr(digits, unit - digits);
    constexpr auto kUnits = std::to_array<std::string_view>(
        {"ns",      "us", "ms", "s",   "sec",  "secs",  "second", "seconds", "m",    "min", "mins", "minute",
         "minutes", "h",  "hr", "hrs", "hour", "hours", "d",      "day",     "days", "w",   "y"});
    if (!IsOneOf(name, kUnits)) return false;
    at = unit;
    while (at < value.size() && value[at] == ' ') ++at;
  }
  return true;
}

// A plain URL, or a path: says where something is. A base64 text may begin with "/", but hardly has a second one after
// a word.
bool IsLocation(std::string_view value) {
  if (value.find("://") != std::string_view::npos) return !HasUrlPassword(value);
  if (value.substr(0, 2) == "./" || value.substr(0, 2) == "~/") return true;
  return value[0] == '/' && value.find_first_of("+=") == std::string_view::npos &&
         value.find('/', 1) != std::string_view::npos;
}

// `key=value` pieces of a connection string: "Server=db;Password=x", "host=db password=x",
// "jdbc:...?user=a&password=x".
bool HasNamedPiece(std::string_view value) {
  constexpr std::size_t kLongestName = 64;
  for (std::size_t equals = value.find('='); equals != std::string_view::npos; equals = value.find('=', equals + 1)) {
    const std::string_view before =
        value.substr(equals > kLongestName ? equals - kLongestName : 0, std::min(equals, kLongestName));
    const std::size_t begin = before.find_last_of(";&?, \t\n\"'");
    if (begin == std::string_view::npos && equals > kLongestName) continue;
    const std::string_view name = begin == std::string_view::npos ? before : before.substr(begin + 1);
    if (!IsCredentialName(name)) continue;
    std::string_view rest = value.substr(equals + 1, 1024);
    // JAAS: username="app" password="x";
    if (!rest.empty() && (rest[0] == '"' || rest[0] == '\'')) rest.remove_prefix(1);
    rest = rest.substr(0, rest.find_first_of(";& \t\n\"'"));
    if (!IsHarmlessValue(rest)) return true;
  }
  return false;
}

// `--name=value`, `-name`, `NAME=value`: the name without dashes, and the value where it is part of the word.
struct Flag {
  std::string_view name, value;
  bool dashes = false, has_value = false;
};
Flag ParseFlag(std::string_view word) {
  Flag flag;
  while (!word.empty() && word[0] == '-') {
    flag.dashes = true;
    word.remove_prefix(1);
  }
  const std::size_t equals = word.find('=');
  flag.name = word.substr(0, equals);
  flag.has_value = equals != std::string_view::npos;
  if (flag.has_value) flag.value = word.substr(equals + 1);
  return flag;
}

// A literal under this name: as far as the name goes, a credential.
bool IsNamedCredential(std::string_view name, std::string_view value) {
  if (!IsCredentialName(name) || IsHarmlessValue(value)) return false;
  const NameWords words(name);
  // NEO4J_AUTH=neo4j/secret is one, AUTH=internal a mode.
  if (words.Last(0) == "AUTH") return value.find_first_of(":/") != std::string_view::npos;
  // --secret=app-secret: the name of a Secret.
  return !(words.count() == 1 && words.Last(0) == "SECRET" && EndsWith(value, "-secret"));
}

// Flags that take a credential and whose names do not say so.
bool IsCredentialFlag(std::string_view program, std::string_view word) {
  if (word == "--requirepass" || word == "requirepass" || word == "--masterauth" || word == "masterauth") return true;
  return word == "-a" && program == "redis-cli";
}
bool IsMysql(std::string_view program) { return program.substr(0, 5) == "mysql" || program.substr(0, 7) == "mariadb"; }

}  // namespace

bool IsCredentialName(std::string_view name) {
  NameWords words(name);
  const auto is_filler = [](std::string_view word) {
    return IsOneOf(word, kFillers) || word.find_first_not_of("0123456789") == std::string_view::npos;
  };
  while (words.count() > 1 && is_filler(words.Last(0))) words.DropLast();
  const std::string_view last = words.Last(0), before = words.Last(1);
  if (last.empty()) return false;
  if (EndsWith(last, "PASSWORD") || EndsWith(last, "PASSWD") || EndsWith(last, "PASSPHRASE") ||
      EndsWith(last, "APIKEY") || EndsWith(last, "CREDENTIAL") || EndsWith(last, "CREDENTIALS") ||
      EndsWith(last, "PASSWORDS") || last == "PASSCODE") {
    return true;
  }
  if (last == "PASS") return words.count() > 1 || name.size() == 4;
  // PWD and OLDPWD are a shell's own.
  if (EndsWith(last, "PWD")) return last != "OLDPWD" && (words.count() > 1 || last != "PWD");
  if (EndsWith(last, "TOKEN")) return true;
  // TLS_SECRET, PULL_SECRET: names of Secret objects.
  if (EndsWith(last, "SECRET")) {
    constexpr auto kObjects = std::to_array<std::string_view>(
        {"TLS", "CERT", "CERTIFICATE", "CA", "PULL", "SSL", "K8S", "KUBERNETES", "KUBE", "KUBECONFIG", "EXISTING"});
    return !IsOneOf(before, kObjects);
  }
  if (last == "SECRETS") return words.count() == 1;
  if (last == "KEY") return IsOneOf(before, kSecretKeys);
  if (last == "COOKIE") return before == "ERLANG";
  constexpr auto kKeyWords = std::to_array<std::string_view>(
      {"ACCESSKEY", "SECRETKEY", "PRIVATEKEY", "ENCRYPTIONKEY", "SIGNINGKEY", "MASTERKEY"});
  return last == "AUTH" || IsOneOf(last, kKeyWords);
}

bool IsHarmlessValue(std::string_view value) {
  while (!value.empty() && (value.back() == '\n' || value.back() == ' ')) value.remove_suffix(1);
  return IsPlaceholder(value) || IsSwitch(value) || IsNumber(value) || IsDuration(value) || IsLocation(value);
}

std::optional<Credential> FindCredential(std::string_view value) {
  if (const std::string_view what = FindKeyFormat(value); !what.empty()) return Credential{Evidence::kKeyFormat, what};
  if (HasUrlPassword(value)) return Credential{Evidence::kUrlUserInfo, "a password in a URL"};
  if (HasNamedPiece(value))
    return Credential{Evidence::kNamedLiteral, "a literal after a credential's name (like password=...)"};
  return std::nullopt;
}

std::optional<Credential> FindCredential(std::string_view name, std::string_view value) {
  if (auto found = FindCredential(value)) return found;
  if (IsNamedCredential(name, value)) return Credential{Evidence::kNamedLiteral, {}};  // its name says it
  return std::nullopt;
}

void AddCredentials(const std::vector<Word>& words, TextPool& pool, List<CredentialFact>& facts) {
  const std::size_t first = facts.size();
  std::size_t last_index = 0;
  bool last_in_args = false;
  const auto add = [&](const Word& word, const Credential& found) {
    const bool same = facts.size() > first && last_index == word.index && last_in_args == word.in_args;
    if (same) {
      if (found.evidence < facts.back().evidence) {  // the stronger evidence of one element
        facts.back().evidence = found.evidence;
        facts.back().what = pool.Intern(found.what);
      }
      return;
    }
    if (facts.size() >= kMaxCredentialFacts) return;
    last_index = word.index;
    last_in_args = word.in_args;
    const std::string where = std::string(word.in_args ? "args[" : "command[") + std::to_string(word.index) + "]";
    facts.push_back({found.evidence, pool.Intern(where), pool.Intern(found.what)});
  };
  std::string_view program;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    const std::string_view text = word.text;
    if (word.begins) program = BaseName(text);
    const Flag flag = ParseFlag(text);
    if (flag.has_value) {
      // The name stands in the word, not in the fact's `where`.
      if (auto found = FindCredential(flag.name, flag.value)) {
        if (found->what.empty()) found->what = "a literal under a credential's name";
        add(word, *found);
      }
      continue;
    }
    if (const auto found = FindCredential(text)) add(word, *found);
    if (IsMysql(program) && text.size() > 2 && text.substr(0, 2) == "-p" && !IsHarmlessValue(text.substr(2))) {
      add(word, {Evidence::kNamedLiteral, "a password after -p"});
      continue;
    }
    if (i + 1 == words.size()) break;
    const std::string_view next = words[i + 1].text;
    if (next.empty() || next[0] == '-') continue;
    const bool named = (flag.dashes && IsNamedCredential(flag.name, next)) ||
                       (IsCredentialFlag(program, text) && !IsHarmlessValue(next));
    if (named) add(words[i + 1], {Evidence::kNamedLiteral, "a literal after a credential's flag"});
    const bool curl = program == "curl" && (text == "-u" || text == "--user");
    if (curl && next.find(':') + 1 < next.size() && next.find(':') != std::string_view::npos &&
        !IsPlaceholder(next.substr(next.find(':') + 1))) {
      add(words[i + 1], {Evidence::kNamedLiteral, "user:password for curl"});
    }
  }
}

}  // namespace seaworthy::cache
