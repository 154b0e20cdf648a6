// Strings: those of the language, cel-go's extension in the version that Kubernetes has, and regular expressions (RE2,
// as Go's).
#include <re2/re2.h>

#include <algorithm>
#include <limits>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

constexpr std::string_view kOutOfRange = "index out of range";

// A search may look at every pair of bytes.
bool SpendSearch(const Call& call) {
  return call.arena.Spend(call.args[0].chars.size / 16 + call.args[0].chars.size * call.args[1].chars.size / 4096);
}

std::size_t CharactersIn(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class Indexed {
 public:
  explicit Indexed(const Call& call) : text_(call.args[0].text()), offsets_(Characters(text_)) {
    call.arena.Spend(text_.size() / 8);
  }
  std::int64_t size() const { return static_cast<std::int64_t>(offsets_.size()) - 1; }
  std::string_view Between(std::int64_t first, std::int64_t last) const {
    const std::size_t from = offsets_[static_cast<std::size_t>(first)];
    return text_.substr(from, offsets_[static_cast<std::size_t>(last)] - from);
  }
  std::size_t Offset(std::int64_t at) const { return offsets_[static_cast<std::size_t>(at)]; }
  std::int64_t CharacterAt(std::size_t offset) const {
    return std::lower_bound(offsets_.begin(), offsets_.end(), static_cast<std::uint32_t>(offset)) - offsets_.begin();
  }

 private:
  std::string_view text_;
  std::vector<std::uint32_t> offsets_;
};

Value CharAt(const Call& call) {
  const Indexed text(call);
  const std::int64_t at = call.args[1].number;
  if (at < 0 || at > text.size()) return Value::Error(kOutOfRange);
  return at == text.size() ? Value::String("") : Value::String(text.Between(at, at + 1));
}

Value IndexOf(const Call& call) {
  const std::int64_t offset = call.args.size() == 3 ? call.args[2].number : 0;
  if (call.args[1].chars.size == 0) return Value::Int(offset);
  if (offset < 0) return Value::Error(kOutOfRange);
  const Indexed text(call);
  if (offset >= text.size() || !SpendSearch(call)) return Value::Int(-1);
  const std::size_t found = call.args[0].text().find(call.args[1].text(), text.Offset(offset));
  return Value::Int(found == std::string_view::npos ? -1 : text.CharacterAt(found));
}

Value LastIndexOf(const Call& call) {
  const Indexed text(call);
  const std::string_view wanted = call.args[1].text();
  if (wanted.empty()) return Value::Int(call.args.size() == 3 ? call.args[2].number : text.size());
  std::int64_t offset = call.args.size() == 3 ? call.args[2].number : text.size() - 1;
  if (call.args.size() == 2 && call.args[0].chars.size < wanted.size()) return Value::Int(-1);
  if (offset < 0) return Value::Error(kOutOfRange);
  if (offset >= text.size() || !SpendSearch(call)) return Value::Int(-1);
  offset = std::min(offset, text.size() - static_cast<std::int64_t>(CharactersIn(wanted)));
  if (offset < 0) return Value::Int(-1);
  const std::size_t found = call.args[0].text().rfind(wanted, text.Offset(offset));
  return Value::Int(found == std::string_view::npos ? -1 : text.CharacterAt(found));
}

Value Substring(const Call& call) {
  const Indexed text(call);
  const std::int64_t first = call.args[1].number, last = call.args.size() == 3 ? call.args[2].number : text.size();
  if (call.args.size() == 3 && first > last) return Value::Error("invalid substring range");
  if (first < 0 || first > text.size() || last < 0 || last > text.size()) return Value::Error(kOutOfRange);
  return Value::String(text.Between(first, last));
}

template <typename Change>
Value EachByte(const Call& call, Change change) {
  std::string text(call.args[0].text());
  std::transform(text.begin(), text.end(), text.begin(), change);
  return call.arena.String(std::move(text));
}

// strings.Replace: an empty old text matches before each character and at the end.
Value Replace(const Call& call) {
  const std::string_view text = call.args[0].text(), from = call.args[1].text(), to = call.args[2].text();
  std::int64_t left = call.args.size() == 4 ? call.args[3].number : -1;
  if (left < 0) left = std::numeric_limits<std::int64_t>::max();
  if (!SpendSearch(call)) return Value::Error("it takes too long");
  std::string made;
  const std::size_t most = call.arena.limits().memory;
  std::size_t at = 0;
  if (from.empty()) {
    const std::vector<std::uint32_t> offsets = Characters(text);
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      if (left > 0) {
        made += to;
        --left;
      }
      if (i + 1 < offsets.size()) made += text.substr(offsets[i], offsets[i + 1] - offsets[i]);
      if (made.size() > most) return Value::Error("it takes too much memory");
    }
    return call.arena.String(std::move(made));
  }
  for (; left > 0; --left) {
    const std::size_t found = text.find(from, at);
    if (found == std::string_view::npos) break;
    made += text.substr(at, found - at);
    made += to;
    at = found + from.size();
    if (made.size() > most) return Value::Error("it takes too much memory");
  }
  made += text.substr(at);
  return call.arena.String(std::move(made));
}

// strings.SplitN: an empty separator splits into characters.
Value Split(const Call& call) {
  const std::string_view text = call.args[0].text(), separator = call.args[1].text();
  std::int64_t left = call.args.size() == 3 ? call.args[2].number : -1;
  std::vector<Value> parts;
  if (left == 0) return call.arena.List({});
  if (left < 0) left = std::numeric_limits<std::int64_t>::max();
  if (!SpendSearch(call)) return Value::Error("it takes too long");
  const auto full = [&] { return parts.size() >= call.arena.limits().list_items; };
  std::size_t at = 0;
  if (separator.empty()) {
    const std::vector<std::uint32_t> offsets = Characters(text);
    for (std::size_t i = 0; i + 1 < offsets.size() && !full(); ++i) {
      const bool last = --left == 0;
      parts.push_back(
          Value::String(text.substr(offsets[i], last ? std::string_view::npos : offsets[i + 1] - offsets[i])));
      if (last) break;
    }
  } else {
    while (left > 1 && !full()) {
      const std::size_t found = text.find(separator, at);
      if (found == std::string_view::npos) break;
      parts.push_back(Value::String(text.substr(at, found - at)));
      at = found + separator.size();
      --left;
    }
    parts.push_back(Value::String(text.substr(at)));
  }
  if (full()) return Value::Error("it makes too long a list");
  return call.arena.List(std::move(parts));
}

// What Unicode calls white space.
Value Trim(const Call& call) {
  const std::string_view text = call.args[0].text();
  const std::vector<std::uint32_t> offsets = Characters(text);
  const auto blank = [&](std::size_t i) {
    const std::string_view one = text.substr(offsets[i], offsets[i + 1] - offsets[i]);
    for (const std::string_view space :
         {" ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085", "\u00A0", "\u1680",
          "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
          "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"}) {
      if (one == space) return true;
    }
    return false;
  };
  std::size_t first = 0, last = offsets.size() - 1;
  while (first < last && blank(first)) ++first;
  while (last > first && blank(last - 1)) --last;
  call.arena.Spend(text.size() / 8);
  return Value::String(text.substr(offsets[first], offsets[last] - offsets[first]));
}

Value Join(const Call& call) {
  const std::string_view separator = call.args.size() == 2 ? call.args[1].text() : std::string_view();
  std::string joined;
  Value error;
  bool first = true;
  ForEach(call.args[0], [&](const Value& item, const Value&) {
    if (!item.is(Type::kString)) {
      error = item.is_error() ? item : Value::Error("join: invalid input");
      return false;
    }
    if (!first) joined += separator;
    first = false;
    joined += item.text();
    if (joined.size() > call.arena.limits().memory || !call.arena.Spend(1))
      error = Value::Error("it takes too much memory");
    return !error.is_error();
  });
  return error.is_error() ? error : call.arena.String(std::move(joined));
}

Value Quote(const Call& call) {
  std::string quoted = "\"";
  constexpr std::string_view kFrom = "\a\b\f\n\r\t\v\\\"", kTo = "abfnrtv\\\"";
  for (const char c : call.args[0].text()) {
    if (const std::size_t at = kFrom.find(c); at != std::string_view::npos) {
      quoted += '\\';
      quoted += kTo[at];
    } else {
      quoted += c;
    }
  }
  return call.arena.String(quoted + "\"");
}

// --- regular expressions ---

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

template <typename Use>
Value WithRegex(const Call& call, Use use) {
  const std::string_view text = call.args[0].text(), pattern = call.args[1].text();
  std::shared_ptr<const re2::RE2> regex = call.expression.regex;
  if (regex == nullptr) {
    std::string error;
    if (!call.arena.Spend(1000)) return Value::Error("it takes too long");  // what compiling costs
    regex = CompileRegex(pattern, error);
    if (regex == nullptr) return Value::Error("invalid regular expression");
  }
  if (!call.arena.Spend(10 + text.size() / 4)) return Value::Error("it takes too long");
  return use(*regex, text);
}

Value Matches(const Call& call) {
  return WithRegex(call, [](const re2::RE2& regex, std::string_view text) {
    return Value::Bool(re2::RE2::PartialMatch(Piece(text), regex));
  });
}

Value FindFirst(const Call& call) {
  return WithRegex(call, [](const re2::RE2& regex, std::string_view text) {
    re2::StringPiece found;
    if (!regex.Match(Piece(text), 0, text.size(), re2::RE2::UNANCHORED, &found, 1)) return Value::String("");
    return Value::String({found.data(), found.size()});
  });
}

// As Go's FindAllString: an empty match right behind another is none.
Value FindAll(const Call& call) {
  return WithRegex(call, [&call](const re2::RE2& regex, std::string_view text) {
    std::int64_t left = call.args.size() == 3 ? call.args[2].number : -1;
    if (left < 0) left = std::numeric_limits<std::int64_t>::max();
    std::vector<Value> found;
    std::size_t at = 0;
    const char* previous_end = nullptr;
    while (left > 0 && at <= text.size()) {
      re2::StringPiece match;
      if (!call.arena.Spend(2 + (text.size() - at) / 64) || found.size() >= call.arena.limits().list_items)
        return Value::Error("it takes too long");
      if (!regex.Match(Piece(text), at, text.size(), re2::RE2::UNANCHORED, &match, 1)) break;
      const auto end = static_cast<std::size_t>(match.data() - text.data()) + match.size();
      bool accept = true;
      if (end == at) {
        accept = match.data() != previous_end;
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
      } else {
        at = end;
      }
      previous_end = match.data() + match.size();
      if (!accept) continue;
      found.push_back(Value::String({match.data(), match.size()}));
      --left;
    }
    return call.arena.List(std::move(found));
  });
}

}  // namespace

std::vector<std::uint32_t> Characters(std::string_view text) {
  std::vector<std::uint32_t> offsets;
  offsets.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets.push_back(static_cast<std::uint32_t>(i));
  }
  offsets.push_back(static_cast<std::uint32_t>(text.size()));
  return offsets;
}

std::shared_ptr<const re2::RE2> CompileRegex(std::string_view pattern, std::string& error) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);  // bounds what a pattern expands to, and its cache
  auto regex = std::make_shared<re2::RE2>(Piece(pattern), options);
  if (regex->ok()) return regex;
  error = regex->error();
  return nullptr;
}

void AddStrings(FunctionTable& table) {
  table.Add("contains", "string.(string) -> bool", [](const Call& call) {
    return Value::Bool(SpendSearch(call) && call.args[0].text().find(call.args[1].text()) != std::string_view::npos);
  });
  table.Add("startsWith", "string.(string) -> bool",
            [](const Call& call) { return Value::Bool(call.args[0].text().starts_with(call.args[1].text())); });
  table.Add("endsWith", "string.(string) -> bool",
            [](const Call& call) { return Value::Bool(call.args[0].text().ends_with(call.args[1].text())); });
  table.Add("matches", "string.(string) -> bool", Matches);
  table.Add("matches", "(string, string) -> bool", Matches);
  table.Add("find", "string.(string) -> string", FindFirst);
  table.Add("findAll", "string.(string) -> list(string)", FindAll);
  table.Add("findAll", "string.(string, int) -> list(string)", FindAll);

  table.Add("charAt", "string.(int) -> string", CharAt);
  table.Add("indexOf", "string.(string) -> int", IndexOf);
  table.Add("indexOf", "string.(string, int) -> int", IndexOf);
  table.Add("lastIndexOf", "string.(string) -> int", LastIndexOf);
  table.Add("lastIndexOf", "string.(string, int) -> int", LastIndexOf);
  table.Add("lowerAscii", "string.() -> string", [](const Call& call) {
    return EachByte(call, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  });
  table.Add("upperAscii", "string.() -> string", [](const Call& call) {
    return EachByte(call, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; });
  });
  table.Add("replace", "string.(string, string) -> string", Replace);
  table.Add("replace", "string.(string, string, int) -> string", Replace);
  table.Add("split", "string.(string) -> list(string)", Split);
  table.Add("split", "string.(string, int) -> list(string)", Split);
  table.Add("substring", "string.(int) -> string", Substring);
  table.Add("substring", "string.(int, int) -> string", Substring);
  table.Add("trim", "string.() -> string", Trim);
  table.Add("join", "list(string).() -> string", Join);
  table.Add("join", "list(string).(string) -> string", Join);
  table.Add("strings.quote", "(string) -> string", Quote);
}

}  // namespace seaworthy::support::cel
