// Kubernetes' own libraries: quantity, URL, IP address, CIDR; as k8s.io/apiserver/pkg/cel/library has them, over what
// Go's net/url and net/netip accept.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

// --- quantities (resource.ParseQuantity) ---

constexpr std::size_t kFastDigits = 18;  // maxInt64Factors
constexpr Wide kMaxNanos = (static_cast<Wide>(1) << 126);

struct Suffix {
  std::string_view name;
  int base, exponent;
};
constexpr Suffix kSuffixes[] = {{"", 10, 0},   {"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3},
                                {"k", 10, 3},  {"M", 10, 6},  {"G", 10, 9},  {"T", 10, 12},
                                {"P", 10, 15}, {"E", 10, 18}, {"Ki", 2, 10}, {"Mi", 2, 20},
                                {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60}};

std::optional<Suffix> FindSuffix(std::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.name == text) return suffix;
  }
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  std::string_view digits = text.substr(1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int exponent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (error != std::errc() || end != digits.data() + digits.size() || exponent > 1000 || exponent < -1000)
    return std::nullopt;
  return Suffix{"e", 10, exponent};
}

enum class QuantityError : std::uint8_t { kNone, kFormat, kTooLarge };

std::optional<Wide> Scaled(Wide value, int exponent) {
  for (; exponent > 0; --exponent) {
    if (value > kMaxNanos / 10) return std::nullopt;
    value *= 10;
  }
  bool rest = false;
  for (; exponent < 0; ++exponent) {
    rest |= value % 10 != 0;
    value /= 10;
    if (value == 0 && !rest) return value;
  }
  return rest ? value + 1 : value;  // what is wanted in part is wanted
}

// Beyond 126 bits of nano-units, where upstream goes on, it gives up: that is an error, no wrong answer.
QuantityError ReadQuantity(std::string_view text, Quantity& quantity) {
  if (text.empty()) return QuantityError::kFormat;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto digits = [&text] {
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
  };
  std::string_view whole = digits();
  const bool no_digits = whole.empty();
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = digits();
  }
  const std::optional<Suffix> suffix = FindSuffix(text);
  if (!suffix) return QuantityError::kFormat;
  if (whole.size() + fraction.size() > 38) return QuantityError::kTooLarge;
  Wide mantissa = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) mantissa = mantissa * 10 + (c - '0');
  }
  if (whole.empty()) whole = "0";
  const int places = static_cast<int>(fraction.size());
  // Whether upstream holds it as a 64-bit integer with a decimal exponent: only such ones are "integers".
  std::ptrdiff_t precision = -1;
  int scale = 0;
  if (suffix->base == 10) {
    scale = suffix->exponent;
    precision = static_cast<std::ptrdiff_t>(kFastDigits) - static_cast<std::ptrdiff_t>(whole.size() + fraction.size());
  } else if (fraction.empty()) {
    precision = 15 - static_cast<std::ptrdiff_t>(whole.size()) -
                static_cast<std::ptrdiff_t>(static_cast<float>(suffix->exponent) * 3 / 10) - 1;
  }
  if (suffix->base == 2) {
    if (mantissa > kMaxNanos >> suffix->exponent) return QuantityError::kTooLarge;
    mantissa <<= suffix->exponent;
  }
  const bool fast = precision >= 0 && scale - places >= -9;
  // "Mi" and "." are zero upstream, where the short way takes them.
  if (!fast && no_digits && fraction.empty()) return QuantityError::kFormat;
  const std::optional<Wide> nanos = Scaled(mantissa, (suffix->base == 10 ? suffix->exponent : 0) - places + 9);
  if (!nanos || *nanos > kMaxNanos) return QuantityError::kTooLarge;
  quantity.decimal = !fast;
  quantity.nanos = *nanos;
  if (!fast && suffix->base == 2) {
    const Wide most = static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) * 1'000'000'000;
    quantity.nanos = std::min(quantity.nanos, most);
  }
  if (negative) quantity.nanos = -quantity.nanos;
  quantity.approximate = static_cast<double>(static_cast<long double>(quantity.nanos) / 1e9L);
  if (fast && scale - places >= 0) {
    const Wide units = quantity.nanos / 1'000'000'000;
    if (units <= std::numeric_limits<std::int64_t>::max() && units >= std::numeric_limits<std::int64_t>::min()) {
      quantity.integer = static_cast<std::int64_t>(units);
    }
  }
  return QuantityError::kNone;
}

Value ToQuantity(const Call& call) {
  Quantity quantity;
  switch (ReadQuantity(call.args[0].text(), quantity)) {
    case QuantityError::kNone: return call.arena.Keep(quantity);
    case QuantityError::kFormat: return Value::Error("not a quantity");
    case QuantityError::kTooLarge: break;
  }
  return Value::Error("a quantity beyond what is supported");
}

Value IsQuantity(const Call& call) {
  Quantity quantity;
  const QuantityError error = ReadQuantity(call.args[0].text(), quantity);
  return error == QuantityError::kTooLarge ? Value::Error("a quantity beyond what is supported")
                                           : Value::Bool(error == QuantityError::kNone);
}

int OrderQuantities(const Call& call) {
  const Wide a = call.args[0].quantity->nanos, b = call.args[1].quantity->nanos;
  return a < b ? -1 : a > b ? 1 : 0;
}

Value AddQuantities(const Call& call, int sign) {
  const Quantity& a = *call.args[0].quantity;
  Quantity b;
  if (call.args[1].is(Type::kInt)) {
    b.nanos = static_cast<Wide>(call.args[1].number) * 1'000'000'000;
    b.integer = call.args[1].number;
  } else {
    b = *call.args[1].quantity;
  }
  Quantity sum;
  sum.nanos = a.nanos + sign * b.nanos;  // each below 2^126
  if (sum.nanos > kMaxNanos || sum.nanos < -kMaxNanos) return Value::Error("a quantity beyond what is supported");
  sum.decimal = a.decimal || b.decimal;
  sum.approximate = static_cast<double>(static_cast<long double>(sum.nanos) / 1e9L);
  std::int64_t units = 0;
  if (a.integer && b.integer &&
      !(sign > 0 ? __builtin_add_overflow(*a.integer, *b.integer, &units)
                 : __builtin_sub_overflow(*a.integer, *b.integer, &units))) {
    sum.integer = units;
  }
  return call.arena.Keep(sum);
}

// --- IP addresses (netip.ParseAddr without zones and IPv4 in IPv6) ---

std::optional<Ip> ReadIp(std::string_view text) {
  if (text.size() > 45 || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  Ip ip;
  if (text.find(':') == std::string_view::npos) {
    if (inet_pton(AF_INET, copy.c_str(), ip.bytes.data()) != 1) return std::nullopt;
    return ip;
  }
  ip.v6 = true;
  if (inet_pton(AF_INET6, copy.c_str(), ip.bytes.data()) != 1) return std::nullopt;
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(ip.bytes.data(), kMapped, sizeof kMapped) == 0) return std::nullopt;
  return ip;
}

std::optional<Ip> ReadCidr(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::optional<Ip> ip = ReadIp(text.substr(0, slash));
  const std::string_view bits = text.substr(slash + 1);
  if (!ip || bits.empty() || bits.size() > 3 || (bits.size() > 1 && bits[0] == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), ip->bits);
  if (error != std::errc() || end != bits.data() + bits.size() || ip->bits < 0 || ip->bits > (ip->v6 ? 128 : 32))
    return std::nullopt;
  return ip;
}

Ip Masked(Ip ip, int bits) {
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    ip.bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xFF << (8 - kept));
  }
  return ip;
}

bool Covers(const Ip& cidr, const Ip& ip) {
  return cidr.v6 == ip.v6 && Masked(cidr, cidr.bits).bytes == Masked(ip, cidr.bits).bytes;
}

bool IsUnspecified(const Ip& ip) {
  return std::all_of(ip.bytes.begin(), ip.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}
bool IsLoopback(const Ip& ip) {
  if (!ip.v6) return ip.bytes[0] == 127;
  return ip.bytes[15] == 1 &&
         std::all_of(ip.bytes.begin(), ip.bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}
bool IsMulticast(const Ip& ip) { return ip.v6 ? ip.bytes[0] == 0xFF : (ip.bytes[0] & 0xF0) == 0xE0; }
bool IsLinkLocalMulticast(const Ip& ip) {
  return ip.v6 ? ip.bytes[0] == 0xFF && (ip.bytes[1] & 0x0F) == 2
               : ip.bytes[0] == 224 && ip.bytes[1] == 0 && ip.bytes[2] == 0;
}
bool IsLinkLocalUnicast(const Ip& ip) {
  return ip.v6 ? ip.bytes[0] == 0xFE && (ip.bytes[1] & 0xC0) == 0x80 : ip.bytes[0] == 169 && ip.bytes[1] == 254;
}
bool IsGlobalUnicast(const Ip& ip) {
  const bool broadcast = !ip.v6 && ip.bytes[0] == 255 && ip.bytes[1] == 255 && ip.bytes[2] == 255 && ip.bytes[3] == 255;
  return !broadcast && !IsUnspecified(ip) && !IsLoopback(ip) && !IsMulticast(ip) && !IsLinkLocalUnicast(ip);
}

Value ContainsIp(const Call& call) {
  if (call.args[1].is(Type::kIp)) return Value::Bool(Covers(*call.args[0].ip, *call.args[1].ip));
  const std::optional<Ip> ip = ReadIp(call.args[1].text());
  return ip ? Value::Bool(Covers(*call.args[0].ip, *ip)) : Value::Error("not an IP address");
}

Value ContainsCidr(const Call& call) {
  std::optional<Ip> other;
  if (call.args[1].is(Type::kCidr)) {
    other = *call.args[1].ip;
  } else {
    other = ReadCidr(call.args[1].text());
    if (!other) return Value::Error("not a CIDR");
  }
  return Value::Bool(call.args[0].ip->bits <= other->bits && Covers(*call.args[0].ip, *other));
}

// --- URLs (net/url) ---

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int HexValue(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }
bool IsAlnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

enum class Part : std::uint8_t { kPath, kHost, kZone, kQuery, kUser };

bool MayStandInHost(char c) {
  return IsAlnum(c) || std::string_view("-_.~!$&'()*+,;=:[]<>\"").find(c) != std::string_view::npos;
}

std::optional<std::string> Unescape(std::string_view text, Part part) {
  const bool host = part == Part::kHost || part == Part::kZone;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return std::nullopt;
      const char value = static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      const bool percent = text.substr(i, 3) == "%25";
      // In a host only what is not ASCII may be escaped; a zone is more liberal.
      if (part == Part::kHost && HexValue(text[i + 1]) < 8 && !percent) return std::nullopt;
      if (part == Part::kZone && !percent && value != ' ' && !MayStandInHost(value)) return std::nullopt;
      plain += value;
      i += 2;
    } else if (c == '+' && part == Part::kQuery) {
      plain += ' ';
    } else {
      if (host && static_cast<unsigned char>(c) < 0x80 && !MayStandInHost(c)) return std::nullopt;
      plain += c;
    }
  }
  return plain;
}

bool IsOptionalPort(std::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' && std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> ReadHost(const std::string& scheme, std::string_view host) {
  const std::size_t open = host.rfind('[');
  if (open != std::string_view::npos && open > 0) return std::nullopt;
  if (open == 0) {
    const std::size_t close = host.rfind(']');
    if (close == std::string_view::npos || !IsOptionalPort(host.substr(close + 1))) return std::nullopt;
    const std::string_view inner = host.substr(1, close - 1);
    const std::size_t zone = inner.find("%25");
    const auto name = Unescape(inner.substr(0, zone), Part::kHost);
    const auto scope = zone == std::string_view::npos ? std::string() : Unescape(inner.substr(zone), Part::kZone);
    if (!name || !scope || *scope == "%") return std::nullopt;
    unsigned char bytes[16];
    if (name->find('\0') != std::string::npos || inet_pton(AF_INET6, name->c_str(), bytes) != 1) return std::nullopt;
    return "[" + *name + *scope + "]" + std::string(host.substr(close + 1));
  }
  if (std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    if (scheme != "http" && scheme != "https") colon = host.rfind(':');
    if (!IsOptionalPort(host.substr(colon))) return std::nullopt;
  }
  return Unescape(host, Part::kHost);
}

// url.ParseRequestURI to see whether it is one, url.Parse for its parts: they differ in the fragment.
std::optional<Url> ReadUrl(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (text.empty() || std::any_of(text.begin(), text.end(), control)) return std::nullopt;
  const auto read = [](std::string_view rest, bool request) -> std::optional<Url> {
    Url url;
    if (rest == "*") {
      url.path = "*";
      return url;
    }
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const char c = rest[i];
      if (c == ':') {
        if (i == 0) return std::nullopt;
        url.scheme = rest.substr(0, i);
        rest.remove_prefix(i + 1);
        break;
      }
      const bool letter = IsAlnum(c) && !(c >= '0' && c <= '9');
      const bool later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (!letter && (!later || i == 0)) break;
    }
    std::transform(url.scheme.begin(), url.scheme.end(), url.scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::size_t question = rest.find('?');
    if (question != std::string_view::npos) {
      url.query = rest.substr(question + 1);
      rest = rest.substr(0, question);
    }
    if (!rest.starts_with('/')) {
      if (!url.scheme.empty()) return url;  // opaque: "mailto:x"
      if (request) return std::nullopt;
      if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) return std::nullopt;
    }
    if (rest.starts_with("//") && (!url.scheme.empty() || (!request && !rest.starts_with("///")))) {
      rest.remove_prefix(2);
      const std::size_t slash = std::min(rest.find('/'), rest.size());
      std::string_view authority = rest.substr(0, slash);
      rest.remove_prefix(slash);
      if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        const std::string_view user = authority.substr(0, at);
        const auto allowed = [](char c) {
          return IsAlnum(c) || std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
        };
        if (!std::all_of(user.begin(), user.end(), allowed) || !Unescape(user, Part::kUser)) return std::nullopt;
        authority.remove_prefix(at + 1);
      }
      const auto host = ReadHost(url.scheme, authority);
      if (!host) return std::nullopt;
      url.host = *host;
    }
    if (!Unescape(rest, Part::kPath)) return std::nullopt;
    url.path = rest;
    return url;
  };
  if (!read(text, true)) return std::nullopt;
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos && !Unescape(text.substr(hash + 1), Part::kPath)) return std::nullopt;
  return read(text.substr(0, hash), false);
}

// EscapedPath: as it was written, where that is a valid way to write it; else escaped anew.
std::string EscapedPath(const Url& url) {
  if (url.path == "*") return "*";
  constexpr std::string_view kPlain = "-_.~$&+,/:;=@", kAllowed = "!$&'()*+,;=:@[]%-_.~/";
  if (std::all_of(url.path.begin(), url.path.end(),
                  [&](char c) { return IsAlnum(c) || kAllowed.find(c) != std::string_view::npos; }))
    return url.path;
  const std::string plain = Unescape(url.path, Part::kPath).value_or(url.path);
  std::string escaped;
  for (const char c : plain) {
    if (IsAlnum(c) || kPlain.find(c) != std::string_view::npos) {
      escaped += c;
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      escaped += '%';
      escaped += kHex[byte >> 4];
      escaped += kHex[byte & 15];
    }
  }
  return escaped;
}

std::size_t PortColon(const std::string& host) {
  const std::size_t colon = host.rfind(':');
  return colon != std::string::npos && IsOptionalPort(std::string_view(host).substr(colon)) ? colon : host.size();
}

Value Hostname(const Call& call) {
  std::string host = call.args[0].url->host.substr(0, PortColon(call.args[0].url->host));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return call.arena.String(std::move(host));
}

Value Port(const Call& call) {
  const std::string& host = call.args[0].url->host;
  const std::size_t colon = PortColon(host);
  return Value::String(colon == host.size() ? std::string_view() : std::string_view(host).substr(colon + 1));
}

Value Query(const Call& call) {
  std::map<std::string, std::vector<Value>, std::less<>> found;
  std::string_view query = call.args[0].url->query;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    const std::size_t sign = std::min(pair.find('='), pair.size());
    const auto key = Unescape(pair.substr(0, sign), Part::kQuery);
    const auto value = Unescape(pair.substr(std::min(sign + 1, pair.size())), Part::kQuery);
    if (key && value && call.arena.Spend(4)) found[*key].push_back(call.arena.String(*value));
  }
  std::vector<std::pair<Value, Value>> entries;
  for (auto& [key, values] : found) entries.emplace_back(call.arena.String(key), call.arena.List(std::move(values)));
  return call.arena.Map(std::move(entries));
}

}  // namespace

std::string IpText(const Ip& ip) {
  if (!ip.v6) {
    return std::to_string(ip.bytes[0]) + "." + std::to_string(ip.bytes[1]) + "." + std::to_string(ip.bytes[2]) + "." +
           std::to_string(ip.bytes[3]);
  }
  // RFC 5952: the first longest run of at least two zero groups is left out.
  unsigned groups[8];
  for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(ip.bytes[2 * i] << 8 | ip.bytes[2 * i + 1]);
  int run_at = -1, run_size = 0;
  for (int i = 0; i < 8;) {
    int end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > run_size) {
      run_at = i;
      run_size = end - i;
    }
    i = end + 1;
  }
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (i == run_at) {
      text += "::";
      i += run_size - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, groups[i], 16);
    text.append(digits, end.ptr);
  }
  return text;
}

void AddKubernetes(FunctionTable& table) {
  table.Add("quantity", "(string) -> quantity", ToQuantity);
  table.Add("isQuantity", "(string) -> bool", IsQuantity);
  const Function sign = [](const Call& call) {
    return Value::Int(call.args[0].quantity->nanos < 0 ? -1 : call.args[0].quantity->nanos > 0 ? 1 : 0);
  };
  table.Add("sign", "(quantity) -> int", sign);
  table.Add("isGreaterThan", "quantity.(quantity) -> bool",
            [](const Call& call) { return Value::Bool(OrderQuantities(call) > 0); });
  table.Add("isLessThan", "quantity.(quantity) -> bool",
            [](const Call& call) { return Value::Bool(OrderQuantities(call) < 0); });
  table.Add("compareTo", "quantity.(quantity) -> int",
            [](const Call& call) { return Value::Int(OrderQuantities(call)); });
  table.Add("asApproximateFloat", "quantity.() -> double",
            [](const Call& call) { return Value::Double(call.args[0].quantity->approximate); });
  table.Add("asInteger", "quantity.() -> int", [](const Call& call) {
    const auto& integer = call.args[0].quantity->integer;
    return integer ? Value::Int(*integer) : Value::Error("cannot convert value to integer");
  });
  table.Add("isInteger", "quantity.() -> bool",
            [](const Call& call) { return Value::Bool(call.args[0].quantity->integer.has_value()); });
  for (const std::string_view other : {"quantity", "int"}) {
    const std::string signature = "quantity.(" + std::string(other) + ") -> quantity";
    table.Add("add", signature, [](const Call& call) { return AddQuantities(call, 1); });
    table.Add("sub", signature, [](const Call& call) { return AddQuantities(call, -1); });
  }

  table.Add("url", "(string) -> url", [](const Call& call) {
    call.arena.Spend(call.args[0].chars.size / 8);
    std::optional<Url> url = ReadUrl(call.args[0].text());
    return url ? call.arena.Keep(*std::move(url)) : Value::Error("not a URL");
  });
  table.Add("isURL", "(string) -> bool", [](const Call& call) {
    call.arena.Spend(call.args[0].chars.size / 8);
    return Value::Bool(ReadUrl(call.args[0].text()).has_value());
  });
  table.Add("getScheme", "url.() -> string", [](const Call& call) { return Value::String(call.args[0].url->scheme); });
  table.Add("getHost", "url.() -> string", [](const Call& call) { return Value::String(call.args[0].url->host); });
  table.Add("getHostname", "url.() -> string", Hostname);
  table.Add("getPort", "url.() -> string", Port);
  table.Add("getEscapedPath", "url.() -> string",
            [](const Call& call) { return call.arena.String(EscapedPath(*call.args[0].url)); });
  table.Add("getQuery", "url.() -> map(string, list(string))", Query);

  table.Add("ip", "(string) -> ip", [](const Call& call) {
    const std::optional<Ip> ip = ReadIp(call.args[0].text());
    return ip ? call.arena.Keep(Type::kIp, *ip) : Value::Error("not an IP address");
  });
  table.Add("isIP", "(string) -> bool",
            [](const Call& call) { return Value::Bool(ReadIp(call.args[0].text()).has_value()); });
  table.Add("ip.isCanonical", "(string) -> bool", [](const Call& call) {
    const std::optional<Ip> ip = ReadIp(call.args[0].text());
    return ip ? Value::Bool(IpText(*ip) == call.args[0].text()) : Value::Error("not an IP address");
  });
  table.Add("family", "ip.() -> int", [](const Call& call) { return Value::Int(call.args[0].ip->v6 ? 6 : 4); });
  table.Add("isUnspecified", "ip.() -> bool",
            [](const Call& call) { return Value::Bool(IsUnspecified(*call.args[0].ip)); });
  table.Add("isLoopback", "ip.() -> bool", [](const Call& call) { return Value::Bool(IsLoopback(*call.args[0].ip)); });
  table.Add("isLinkLocalMulticast", "ip.() -> bool",
            [](const Call& call) { return Value::Bool(IsLinkLocalMulticast(*call.args[0].ip)); });
  table.Add("isLinkLocalUnicast", "ip.() -> bool",
            [](const Call& call) { return Value::Bool(IsLinkLocalUnicast(*call.args[0].ip)); });
  table.Add("isGlobalUnicast", "ip.() -> bool",
            [](const Call& call) { return Value::Bool(IsGlobalUnicast(*call.args[0].ip)); });

  table.Add("cidr", "(string) -> cidr", [](const Call& call) {
    const std::optional<Ip> cidr = ReadCidr(call.args[0].text());
    return cidr ? call.arena.Keep(Type::kCidr, *cidr) : Value::Error("not a CIDR");
  });
  table.Add("isCIDR", "(string) -> bool",
            [](const Call& call) { return Value::Bool(ReadCidr(call.args[0].text()).has_value()); });
  for (const std::string_view other : {"string", "ip"})
    table.Add("containsIP", "cidr.(" + std::string(other) + ") -> bool", ContainsIp);
  for (const std::string_view other : {"string", "cidr"})
    table.Add("containsCIDR", "cidr.(" + std::string(other) + ") -> bool", ContainsCidr);
  table.Add("ip", "cidr.() -> ip", [](const Call& call) { return call.arena.Keep(Type::kIp, *call.args[0].ip); });
  table.Add("prefixLength", "cidr.() -> int", [](const Call& call) { return Value::Int(call.args[0].ip->bits); });
  table.Add("masked", "cidr.() -> cidr", [](const Call& call) {
    return call.arena.Keep(Type::kCidr, Masked(*call.args[0].ip, call.args[0].ip->bits));
  });
}

}  // namespace seaworthy::support::cel
