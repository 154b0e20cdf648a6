// From text to a tree: the grammar of cel-spec (doc/langdef.md), by recursive descent.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "support/cel/expression.h"

namespace seaworthy::support::cel {
namespace {

constexpr std::string_view kReserved[] = {"as",        "break",  "const",  "continue", "else", "for",
                                          "function",  "if",     "import", "let",      "loop", "package",
                                          "namespace", "return", "var",    "void",     "while"};

enum class TokenType : std::uint8_t { kEnd, kIdent, kInt, kUint, kDouble, kString, kBytes, kPunctuation };

struct Token {
  TokenType type = TokenType::kEnd;
  std::uint32_t at = 0;
  std::string text;  // of a string: its value
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsIdentStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

void AppendUtf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

struct Problem {
  std::uint32_t at;
  std::string message;
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::optional<Problem> Run(std::vector<Token>& tokens) {
    while (!problem_) {
      SkipBlanks();
      Token& token = tokens.emplace_back();
      token.at = static_cast<std::uint32_t>(at_);
      if (at_ >= source_.size()) break;
      Next(token);
    }
    return problem_;
  }

 private:
  char Peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  void Fail(std::string message) {
    if (!problem_) problem_ = Problem{static_cast<std::uint32_t>(at_), std::move(message)};
  }

  void SkipBlanks() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '/' && Peek(1) == '/') {
        while (at_ < source_.size() && source_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  void Next(Token& token) {
    const char c = Peek();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number(token);
    if (c == '"' || c == '\'') return String(token, false, false);
    if (IsIdentStart(c)) {
      // r"raw", b"bytes", br"both"
      std::size_t prefix = 0;
      const bool bytes = c == 'b' || c == 'B';
      if (bytes) ++prefix;
      const bool raw = Peek(prefix) == 'r' || Peek(prefix) == 'R';
      if (raw) ++prefix;
      if (prefix > 0 && (Peek(prefix) == '"' || Peek(prefix) == '\'')) {
        at_ += prefix;
        return String(token, raw, bytes);
      }
      token.type = TokenType::kIdent;
      while (IsIdentStart(Peek()) || IsDigit(Peek())) token.text += source_[at_++];
      return;
    }
    token.type = TokenType::kPunctuation;
    for (const std::string_view two : {"&&", "||", "==", "!=", "<=", ">="}) {
      if (source_.substr(at_, 2) == two) {
        token.text = two;
        at_ += 2;
        return;
      }
    }
    if (std::string_view("()[]{}.,?:+-*/%!<>").find(c) == std::string_view::npos) {
      return Fail(static_cast<unsigned char>(c) < 0x80 && c >= ' ' ? std::string("unexpected character '") + c + "'"
                                                                   : "unexpected character");
    }
    token.text = c;
    ++at_;
  }

  void Number(Token& token) {
    token.type = TokenType::kInt;
    const std::size_t first = at_;
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X') && IsHex(Peek(2))) {
      at_ += 2;
      while (IsHex(Peek())) ++at_;
    } else {
      while (IsDigit(Peek())) ++at_;
      if (Peek() == '.' && IsDigit(Peek(1))) {
        token.type = TokenType::kDouble;
        ++at_;
        while (IsDigit(Peek())) ++at_;
      }
      if (Peek() == 'e' || Peek() == 'E') {
        const std::size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
        if (IsDigit(Peek(1 + sign))) {
          token.type = TokenType::kDouble;
          at_ += 1 + sign;
          while (IsDigit(Peek())) ++at_;
        }
      }
    }
    token.text = source_.substr(first, at_ - first);
    if (token.type == TokenType::kInt && (Peek() == 'u' || Peek() == 'U')) {
      token.type = TokenType::kUint;
      ++at_;
    }
    if (IsIdentStart(Peek())) Fail("a number runs into a name");
  }

  void String(Token& token, bool raw, bool bytes) {
    token.type = bytes ? TokenType::kBytes : TokenType::kString;
    const char quote = Peek();
    const bool triple = Peek(1) == quote && Peek(2) == quote;
    at_ += triple ? 3 : 1;
    while (true) {
      if (at_ >= source_.size()) return Fail("a string without its end");
      const char c = Peek();
      if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote))) {
        at_ += triple ? 3 : 1;
        return;
      }
      if (!triple && (c == '\n' || c == '\r')) return Fail("a string without its end");
      if (c == '\\' && !raw) {
        ++at_;
        Escape(token.text, bytes);
        if (problem_) return;
      } else {
        token.text += c;
        ++at_;
      }
    }
  }

  void Escape(std::string& out, bool bytes) {
    const char c = Peek();
    ++at_;
    constexpr std::string_view kFrom = "abfnrtv\\?\"'`", kTo = "\a\b\f\n\r\t\v\\?\"'`";
    if (const std::size_t simple = kFrom.find(c); c != '\0' && simple != std::string_view::npos) {
      out += kTo[simple];
      return;
    }
    std::size_t digits = 0;
    int base = 16;
    if (c == 'x' || c == 'X') {
      digits = 2;
    } else if (c == 'u' && !bytes) {
      digits = 4;
    } else if (c == 'U' && !bytes) {
      digits = 8;
    } else if (c >= '0' && c <= '3') {
      digits = 3;
      base = 8;
      --at_;
    }
    std::uint32_t code = 0;
    const char* const first = source_.data() + at_;
    if (digits == 0 || at_ + digits > source_.size()) return Fail("an unknown escape sequence");
    const auto [end, error] = std::from_chars(first, first + digits, code, base);
    if (error != std::errc() || end != first + digits) return Fail("an unknown escape sequence");
    at_ += digits;
    if (bytes) {
      out += static_cast<char>(code);
    } else if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      Fail("no such code point");
    } else {
      AppendUtf8(out, code);
    }
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::optional<Problem> problem_;
};

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Limits& limits) : tokens_(std::move(tokens)), limits_(limits) {}

  ExpressionPtr Run() {
    ExpressionPtr expression = Choice();
    if (!problem_ && Now().type != TokenType::kEnd) Fail(Now().at, "unexpected '" + Shown(Now()) + "'");
    return expression;
  }
  const std::optional<Problem>& problem() const { return problem_; }

 private:
  const Token& Now() const { return tokens_[at_]; }
  static std::string Shown(const Token& token) {
    switch (token.type) {
      case TokenType::kEnd: return "<end>";
      case TokenType::kString:
      case TokenType::kBytes: return "a string";
      default: return token.text;
    }
  }
  bool Is(std::string_view punctuation) const {
    return Now().type == TokenType::kPunctuation && Now().text == punctuation;
  }
  bool Take(std::string_view punctuation) {
    if (!Is(punctuation)) return false;
    ++at_;
    return true;
  }
  void Expect(std::string_view punctuation) {
    if (!Take(punctuation)) Fail(Now().at, "expected '" + std::string(punctuation) + "', found '" + Shown(Now()) + "'");
  }
  ExpressionPtr Fail(std::uint32_t at, std::string message) {
    if (!problem_) problem_ = Problem{at, std::move(message)};
    return std::make_unique<Expression>();
  }

  // Counts, so that what is built is bounded.
  ExpressionPtr Make(Op op, std::uint32_t at, std::string name = {}) {
    auto made = std::make_unique<Expression>();
    made->op = op;
    made->at = at;
    made->name = std::move(name);
    if (++nodes_ > limits_.nodes)
      Fail(at, "the expression is too large: more than " + std::to_string(limits_.nodes) + " parts");
    return made;
  }
  void Adopt(Expression& parent, ExpressionPtr child) {
    parent.depth = std::max<std::uint16_t>(parent.depth, static_cast<std::uint16_t>(child->depth + 1));
    if (parent.depth > limits_.depth) Fail(child->at, TooDeep());
    parent.args.push_back(std::move(child));
  }
  std::string TooDeep() const {
    return "the expression is nested more than " + std::to_string(limits_.depth) + " deep";
  }
  ExpressionPtr Call(std::uint32_t at, std::string name, ExpressionPtr one, ExpressionPtr other = nullptr) {
    ExpressionPtr call = Make(Op::kCall, at, std::move(name));
    Adopt(*call, std::move(one));
    if (other) Adopt(*call, std::move(other));
    return call;
  }

  ExpressionPtr Choice() {
    if (++nesting_ > limits_.depth) {
      --nesting_;
      return Fail(Now().at, TooDeep());
    }
    ExpressionPtr condition = Terms(Op::kOr, "||");
    const std::uint32_t at = Now().at;
    if (!problem_ && Take("?")) {
      ExpressionPtr choice = Make(Op::kChoice, at);
      Adopt(*choice, std::move(condition));
      Adopt(*choice, Terms(Op::kOr, "||"));
      Expect(":");
      Adopt(*choice, Choice());
      condition = std::move(choice);
    }
    --nesting_;
    return condition;
  }

  ExpressionPtr Terms(Op op, std::string_view sign) {
    const auto term = [&] { return op == Op::kOr ? Terms(Op::kAnd, "&&") : Relation(); };
    ExpressionPtr first = term();
    if (problem_ || !Is(sign)) return first;
    ExpressionPtr all = Make(op, Now().at);
    Adopt(*all, std::move(first));
    while (!problem_ && Take(sign)) Adopt(*all, term());
    return all;
  }

  ExpressionPtr Relation() {
    ExpressionPtr left = Sum();
    while (!problem_) {
      const std::uint32_t at = Now().at;
      std::string name;
      for (const std::string_view sign : {"<", "<=", ">=", ">", "==", "!="}) {
        if (Is(sign)) name = "_" + std::string(sign) + "_";
      }
      if (Now().type == TokenType::kIdent && Now().text == "in") name = "@in";
      if (name.empty()) break;
      ++at_;
      left = Call(at, std::move(name), std::move(left), Sum());
    }
    return left;
  }

  ExpressionPtr Sum() {
    ExpressionPtr left = Product();
    while (!problem_ && (Is("+") || Is("-"))) {
      const Token& sign = tokens_[at_++];
      left = Call(sign.at, "_" + sign.text + "_", std::move(left), Product());
    }
    return left;
  }

  ExpressionPtr Product() {
    ExpressionPtr left = Unary();
    while (!problem_ && (Is("*") || Is("/") || Is("%"))) {
      const Token& sign = tokens_[at_++];
      left = Call(sign.at, "_" + sign.text + "_", std::move(left), Unary());
    }
    return left;
  }

  ExpressionPtr Unary() {
    const std::uint32_t at = Now().at;
    if (!Is("!") && !Is("-")) return Member(Primary());
    const std::string sign = Now().text;
    std::size_t count = 0;
    while (Take(sign)) ++count;
    const TokenType type = Now().type;
    if (sign == "-" && (type == TokenType::kInt || type == TokenType::kDouble)) {
      // The sign belongs to the number, or the least integer could not be written.
      ExpressionPtr inner = Member(Literal("-"));
      return --count % 2 == 0 ? std::move(inner) : Call(at, "-_", std::move(inner));
    }
    ExpressionPtr inner = Member(Primary());
    return count % 2 == 0 ? std::move(inner) : Call(at, sign + "_", std::move(inner));
  }

  ExpressionPtr Member(ExpressionPtr of) {
    while (!problem_) {
      const std::uint32_t at = Now().at;
      if (Take(".")) {
        const bool optional = Take("?");
        if (Now().type != TokenType::kIdent || Now().text == "in" || Now().text == "true" || Now().text == "false" ||
            Now().text == "null") {
          return Fail(Now().at, "expected the name of a field, found '" + Shown(Now()) + "'");
        }
        std::string name = tokens_[at_++].text;
        if (!optional && Is("(")) {
          of = MemberCall(at, std::move(name), std::move(of));
        } else {
          ExpressionPtr select = Make(Op::kSelect, at, std::move(name));
          select->optional = optional;
          Adopt(*select, std::move(of));
          of = std::move(select);
        }
      } else if (Take("[")) {
        const bool optional = Take("?");
        ExpressionPtr index = Choice();
        Expect("]");
        of = Call(at, optional ? "_[?_]" : "_[_]", std::move(of), std::move(index));
      } else {
        if (Is("{") && (of->op == Op::kIdent || of->op == Op::kSelect)) return Fail(at, "messages are not supported");
        break;
      }
    }
    return of;
  }

  std::vector<ExpressionPtr> Arguments() {
    std::vector<ExpressionPtr> arguments;
    Expect("(");
    if (Take(")")) return arguments;
    do {
      arguments.push_back(Choice());
    } while (!problem_ && Take(","));
    Expect(")");
    return arguments;
  }

  // The name that a macro gives to what it walks over.
  std::string Variable(const Expression& argument) {
    if (argument.op != Op::kIdent) {
      Fail(argument.at, "must be a simple name");
      return {};
    }
    return argument.name;
  }

  ExpressionPtr MemberCall(std::uint32_t at, std::string name, ExpressionPtr target) {
    std::vector<ExpressionPtr> arguments = Arguments();
    if (problem_) return target;
    struct Macro {
      std::string_view name;
      std::size_t arguments, variables;
      Op op;
    };
    static constexpr Macro kMacros[] = {
        {"all", 2, 1, Op::kAll},
        {"all", 3, 2, Op::kAll},
        {"exists", 2, 1, Op::kExists},
        {"exists", 3, 2, Op::kExists},
        {"exists_one", 2, 1, Op::kExistsOne},
        {"existsOne", 3, 2, Op::kExistsOne},
        {"map", 2, 1, Op::kMapEach},
        {"map", 3, 1, Op::kMapEach},
        {"filter", 2, 1, Op::kFilter},
        {"optMap", 2, 1, Op::kOptMap},
        {"optFlatMap", 2, 1, Op::kOptFlatMap},
        {"transformList", 3, 2, Op::kTransformList},
        {"transformList", 4, 2, Op::kTransformList},
        {"transformMap", 3, 2, Op::kTransformMap},
        {"transformMap", 4, 2, Op::kTransformMap},
    };
    for (const Macro& macro : kMacros) {
      if (macro.name != name || macro.arguments != arguments.size()) continue;
      ExpressionPtr made = Make(macro.op, at, std::move(name));
      Adopt(*made, std::move(target));
      for (std::size_t i = 0; i < macro.variables; ++i) made->names.push_back(Variable(*arguments[i]));
      if (made->names.size() == 2 && made->names[0] == made->names[1])
        return Fail(at, "its two variables have the same name");
      if (arguments.size() - macro.variables == 2)
        std::swap(arguments[macro.variables], arguments[macro.variables + 1]);  // the condition last
      for (std::size_t i = macro.variables; i < arguments.size(); ++i) Adopt(*made, std::move(arguments[i]));
      return made;
    }
    ExpressionPtr call = Make(Op::kCall, at, std::move(name));
    call->member = true;
    Adopt(*call, std::move(target));
    for (ExpressionPtr& argument : arguments) Adopt(*call, std::move(argument));
    return call;
  }

  ExpressionPtr Primary() {
    const Token& token = Now();
    const std::uint32_t at = token.at;
    switch (token.type) {
      case TokenType::kEnd: return Fail(at, "the expression ends here");
      case TokenType::kIdent: return Name();
      case TokenType::kPunctuation: break;
      default: return Literal("");
    }
    if (Take("(")) {
      ExpressionPtr inner = Choice();
      Expect(")");
      return inner;
    }
    if (Take("[")) return ListLiteral(at);
    if (Take("{")) return MapLiteral(at);
    if (Take(".")) return Now().type == TokenType::kIdent ? Name() : Fail(at, "unexpected '.'");
    return Fail(at, "unexpected '" + token.text + "'");
  }

  ExpressionPtr Name() {
    const Token& token = tokens_[at_++];
    const std::uint32_t at = token.at;
    if (token.text == "true" || token.text == "false") {
      ExpressionPtr made = Make(Op::kConstant, at);
      made->constant = Value::Bool(token.text == "true");
      return made;
    }
    if (token.text == "null") return Make(Op::kConstant, at);
    if (token.text == "in") return Fail(at, "unexpected 'in'");
    if (std::find(std::begin(kReserved), std::end(kReserved), token.text) != std::end(kReserved)) {
      return Fail(at, "reserved identifier: " + token.text);
    }
    if (!Is("(")) return Make(Op::kIdent, at, token.text);
    const std::string name = token.text;
    std::vector<ExpressionPtr> arguments = Arguments();
    if (problem_) return Make(Op::kIdent, at);
    if (name == "has" && arguments.size() == 1) {
      if (arguments[0]->op != Op::kSelect || arguments[0]->optional)
        return Fail(arguments[0]->at, "invalid argument to has() macro");
      arguments[0]->op = Op::kHas;
      return std::move(arguments[0]);
    }
    ExpressionPtr call = Make(Op::kCall, at, name);
    for (ExpressionPtr& argument : arguments) Adopt(*call, std::move(argument));
    return call;
  }

  ExpressionPtr Literal(const std::string& sign) {
    const Token& token = tokens_[at_++];
    ExpressionPtr made = Make(Op::kConstant, token.at);
    const auto parse = [&](auto number, auto make) {
      std::string digits = token.text;
      int base = 10;
      if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits = digits.substr(2);
        base = 16;
      }
      digits = sign + digits;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
      if (error != std::errc() || end != digits.data() + digits.size()) Fail(token.at, "a number out of range");
      made->constant = make(number);
    };
    switch (token.type) {
      case TokenType::kInt: parse(std::int64_t{}, Value::Int); break;
      case TokenType::kUint: parse(std::uint64_t{}, Value::Uint); break;
      case TokenType::kDouble: {
        double real = 0;
        const std::string digits = sign + (token.text.starts_with('.') ? "0" : "") + token.text;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), real);
        if (error != std::errc() || end != digits.data() + digits.size()) Fail(token.at, "a number out of range");
        made->constant = Value::Double(real);
        break;
      }
      default:
        made->text = token.text;
        made->constant = Value::Text(token.type == TokenType::kBytes ? Type::kBytes : Type::kString, made->text);
    }
    return made;
  }

  ExpressionPtr ListLiteral(std::uint32_t at) {
    ExpressionPtr list = Make(Op::kList, at);
    while (!problem_ && !Take("]")) {
      list->optional_args.push_back(Take("?"));
      Adopt(*list, Choice());
      if (!Is("]")) Expect(",");
    }
    return list;
  }

  ExpressionPtr MapLiteral(std::uint32_t at) {
    ExpressionPtr map = Make(Op::kMap, at);
    while (!problem_ && !Take("}")) {
      map->optional_args.push_back(Take("?"));
      Adopt(*map, Choice());
      Expect(":");
      Adopt(*map, Choice());
      if (!Is("}")) Expect(",");
    }
    return map;
  }

  std::vector<Token> tokens_;
  const Limits& limits_;
  std::size_t at_ = 0, nodes_ = 0, nesting_ = 0;
  std::optional<Problem> problem_;
};

}  // namespace

std::string Complaint(std::string_view source, std::uint32_t at, std::string_view message) {
  std::size_t line = 1, column = 1;
  for (const char c : source.substr(0, at)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++column;
    }
  }
  return std::to_string(line) + ":" + std::to_string(column) + ": " + std::string(message);
}

Result<ExpressionPtr> Parse(std::string_view source, const Limits& limits) {
  if (source.size() > limits.source_bytes) {
    return Status(Code::kInvalidArgument,
                  "the expression is longer than " + std::to_string(limits.source_bytes) + " bytes");
  }
  std::vector<Token> tokens;
  std::optional<Problem> problem = Lexer(source).Run(tokens);
  ExpressionPtr expression;
  if (!problem) {
    Parser parser(std::move(tokens), limits);
    expression = parser.Run();
    problem = parser.problem();
  }
  if (problem) return Status(Code::kInvalidArgument, Complaint(source, problem->at, problem->message));
  return expression;
}

}  // namespace seaworthy::support::cel
