#include "api/kubernetes_protobuf.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "support/escape.h"
#include "support/plain_bytes.h"
#include "support/protobuf_wire.h"

namespace seaworthy::api {
namespace {

using support::ProtobufWire;
using support::Tree;

enum class ProtobufType : std::uint8_t {
  kString,
  kBytes,  // JSON has base64
  kInt,
  kBool,
  kMessage,
  kQuantity,     // a message with a string
  kIntOrString,  // one with a type, a number, a string
  kTime,         // one with seconds and nanoseconds
  kMicroTime,
  kJson,  // one with a text in JSON: FieldsV1, RawExtension
};

struct ProtobufField {
  static constexpr std::uint8_t kRepeated = 1, kMap = 2;
  static constexpr std::uint8_t kInline = 4;  // its members are those of the message that it is in
  static constexpr std::uint8_t kOmit = 8;    // in JSON, where it is zero

  std::uint16_t number;
  std::uint16_t message;  // of kMessage: its place in kBegins
  std::uint16_t name;     // its place in kNames
  std::uint8_t name_size;
  ProtobufType type;
  std::uint8_t flags;

  bool Is(std::uint8_t flag) const { return (flags & flag) != 0; }
};

struct Root {
  std::string_view api_version, kind;
  std::uint16_t message;
};

#include "api/kubernetes_messages/messages.inc"

constexpr std::string_view kMagic("k8s\0", 4);

const Root* FindRoot(std::string_view api_version, std::string_view kind) {
  const auto found = std::find_if(std::begin(kRoots), std::end(kRoots),
                                  [&](const Root& one) { return one.kind == kind && one.api_version == api_version; });
  return found == std::end(kRoots) ? nullptr : found;
}

std::string_view NameOf(const ProtobufField& field) { return {kNames + field.name, field.name_size}; }

// runtime.Unknown, as far as it counts.
struct Envelope {
  std::string_view api_version, kind, raw;
  bool plain = true;  // no encoding of its own
};

bool ReadEnvelope(std::string_view bytes, Envelope& envelope) {
  if (!bytes.starts_with(kMagic)) return false;
  ProtobufWire unknown(bytes.substr(kMagic.size()));
  while (unknown.Next()) {
    if (unknown.type() != ProtobufWire::Type::kBytes) return false;
    if (unknown.number() == 1) {
      ProtobufWire type(unknown.bytes());
      while (type.Next()) {
        if (type.type() != ProtobufWire::Type::kBytes) return false;
        if (type.number() == 1) envelope.api_version = type.bytes();
        if (type.number() == 2) envelope.kind = type.bytes();
      }
      if (type.malformed()) return false;
    } else if (unknown.number() == 2) {
      envelope.raw = unknown.bytes();
    } else {
      envelope.plain = envelope.plain && unknown.bytes().empty();
    }
  }
  return !unknown.malformed() && envelope.plain;
}

// The text of a message that has nothing else: Quantity, FieldsV1, RawExtension.
bool ReadOnly(std::string_view bytes, std::string_view& text) {
  ProtobufWire message(bytes);
  while (message.Next()) {
    if (message.number() != 1 || message.type() != ProtobufWire::Type::kBytes) return false;
    text = message.bytes();
  }
  return !message.malformed();
}

// Seconds and nanoseconds; false where that is no message of this kind.
bool ReadTime(std::string_view bytes, std::int64_t& seconds, std::int64_t& nanoseconds) {
  seconds = nanoseconds = 0;
  ProtobufWire time(bytes);
  while (time.Next()) {
    if (time.type() != ProtobufWire::Type::kVarint) return false;
    if (time.number() == 1) seconds = static_cast<std::int64_t>(time.varint());
    if (time.number() == 2) nanoseconds = static_cast<std::int64_t>(time.varint());
  }
  // RFC 3339 has years of four digits.
  constexpr std::int64_t kYear0 = -62'167'219'200, kYear10000 = 253'402'300'800;
  return !time.malformed() && seconds >= kYear0 && seconds < kYear10000 && nanoseconds >= 0 &&
         nanoseconds < 1'000'000'000;
}

class Reader {
 public:
  // `plain_json`: what is JSON within is read by the fast reader alone, which may decline it.
  Reader(Tree& tree, bool plain_json) : tree_(tree), plain_json_(plain_json) {}

  bool Object(const Envelope& envelope) {
    const Root* root = FindRoot(envelope.api_version, envelope.kind);
    if (root == nullptr) return Fail(std::string(envelope.api_version) + " " + std::string(envelope.kind) + " unknown");
    return tree_.StartObject() && Text("kind", envelope.kind) && Text("apiVersion", envelope.api_version) &&
           Members(envelope.raw, root->message) && tree_.EndObject();
  }
  bool Message(std::string_view bytes, std::uint16_t message) {
    return tree_.StartObject() && Members(bytes, message) && tree_.EndObject();
  }
  bool Text(std::string_view key, std::string_view text) { return tree_.Key(key) && String(text); }

  bool declined() const { return declined_; }
  Status Error() const {
    const std::string& why = !error_.empty() ? error_ : tree_.error();
    return Status(Code::kInvalidArgument,
                  "protobuf: " + (path_.empty() ? "" : path_ + ": ") + (why.empty() ? "malformed" : why));
  }

 private:
  bool Members(std::string_view bytes, std::uint16_t message) {
    const ProtobufField* const begin = kFields + kBegins[message];
    const ProtobufField* const end = kFields + kBegins[message + 1];
    const ProtobufField* field = begin;
    ProtobufWire wire(bytes);
    while (wire.Next()) {
      // They come in order, as a rule.
      while (field != end && field->number < wire.number()) ++field;
      if (field == end || field->number != wire.number()) {
        field = std::find_if(begin, end, [&](const ProtobufField& one) { return one.number == wire.number(); });
        if (field == end) return Fail("field " + std::to_string(wire.number()) + " unknown");
      }
      if (!Member(wire, *field)) {
        path_ = path_.empty() ? std::string(NameOf(*field)) : std::string(NameOf(*field)) + "." + path_;
        return false;
      }
    }
    return !wire.malformed() || Fail("malformed");
  }

  bool Member(ProtobufWire& wire, const ProtobufField& field) {
    if (field.Is(ProtobufField::kInline))
      return wire.type() == ProtobufWire::Type::kBytes && Members(wire.bytes(), field.message);
    if (field.Is(ProtobufField::kRepeated)) {
      if (!tree_.Key(NameOf(field)) || !tree_.StartArray()) return false;
      do {
        if (!Value(wire, field)) return false;
      } while (wire.SameFollows() && wire.Next());
      return !wire.malformed() && tree_.EndArray();
    }
    if (field.Is(ProtobufField::kMap)) {
      if (!tree_.Key(NameOf(field)) || !tree_.StartObject()) return false;
      do {
        if (!Entry(wire, field)) return false;
      } while (wire.SameFollows() && wire.Next());
      return !wire.malformed() && tree_.EndObject();
    }
    if (!Fits(wire, field)) return false;
    if (field.Is(ProtobufField::kOmit) && IsZero(wire, field)) return true;
    return tree_.Key(NameOf(field)) && Value(wire, field);
  }

  // An entry of a map is a message with a key and a value, either of which may be left out.
  bool Entry(const ProtobufWire& wire, const ProtobufField& field) {
    if (wire.type() != ProtobufWire::Type::kBytes) return false;
    std::string_view key, value;
    ProtobufWire entry(wire.bytes());
    while (entry.Next()) {
      if (entry.type() != ProtobufWire::Type::kBytes || entry.number() > 2) return false;
      (entry.number() == 1 ? key : value) = entry.bytes();
    }
    if (entry.malformed() || !IsText(key) || !tree_.Key(key)) return false;
    switch (field.type) {
      case ProtobufType::kString: return String(value);
      case ProtobufType::kBytes: return Base64(value);
      case ProtobufType::kQuantity: return Quantity(value);
      case ProtobufType::kTime: return Time(value, false);
      case ProtobufType::kMessage: return Message(value, field.message);
      default: return false;
    }
  }

  static bool Fits(const ProtobufWire& wire, const ProtobufField& field) {
    const bool number = field.type == ProtobufType::kInt || field.type == ProtobufType::kBool;
    return wire.type() == (number ? ProtobufWire::Type::kVarint : ProtobufWire::Type::kBytes);
  }

  bool Value(const ProtobufWire& wire, const ProtobufField& field) {
    if (!Fits(wire, field)) return false;
    switch (field.type) {
      case ProtobufType::kString: return String(wire.bytes());
      case ProtobufType::kBytes: return Base64(wire.bytes());
      case ProtobufType::kInt: return Number(static_cast<std::int64_t>(wire.varint()));
      case ProtobufType::kBool: return tree_.Bool(wire.varint() != 0);
      case ProtobufType::kMessage: return Message(wire.bytes(), field.message);
      case ProtobufType::kQuantity: return Quantity(wire.bytes());
      case ProtobufType::kIntOrString: return IntOrString(wire.bytes());
      case ProtobufType::kTime: return Time(wire.bytes(), false);
      case ProtobufType::kMicroTime: return Time(wire.bytes(), true);
      case ProtobufType::kJson: return Json(wire.bytes());
    }
    return false;
  }

  static bool IsZero(const ProtobufWire& wire, const ProtobufField& field) {
    if (field.type == ProtobufType::kInt || field.type == ProtobufType::kBool) return wire.varint() == 0;
    if (field.type != ProtobufType::kMessage) return wire.bytes().empty();
    return IsZero(wire.bytes(), field.message);
  }
  // A struct is written with all its members, zero or not.
  static bool IsZero(std::string_view bytes, std::uint16_t message) {
    ProtobufWire wire(bytes);
    while (wire.Next()) {
      const ProtobufField* const end = kFields + kBegins[message + 1];
      const auto* field = std::find_if(kFields + kBegins[message], end,
                                       [&](const ProtobufField& one) { return one.number == wire.number(); });
      if (field == end || !Fits(wire, *field) || !IsZero(wire, *field)) return false;
    }
    return !wire.malformed();
  }

  static bool IsText(std::string_view text) {
    const char* const end = text.data() + text.size();
    return support::SkipPlainBytes(text.data(), end) == end || support::IsUtf8(text);
  }
  bool String(std::string_view text) { return IsText(text) ? tree_.String(text) : Fail("not UTF-8"); }

  bool Number(std::int64_t value) {
    char digits[24];
    const auto [end, code] = std::to_chars(digits, digits + sizeof digits, value);
    return tree_.Number({digits, static_cast<std::size_t>(end - digits)});
  }

  bool Quantity(std::string_view bytes) {
    std::string_view text;
    return ReadOnly(bytes, text) && String(text);
  }

  bool IntOrString(std::string_view bytes) {
    std::uint64_t type = 0, number = 0;
    std::string_view text;
    ProtobufWire either(bytes);
    while (either.Next()) {
      if (either.type() != (either.number() == 3 ? ProtobufWire::Type::kBytes : ProtobufWire::Type::kVarint))
        return false;
      if (either.number() == 1) type = either.varint();
      if (either.number() == 2) number = either.varint();
      if (either.number() == 3) text = either.bytes();
    }
    if (either.malformed()) return false;
    return type == 0 ? Number(static_cast<std::int64_t>(number)) : String(text);
  }

  bool Time(std::string_view bytes, bool micro) {
    std::int64_t seconds = 0, nanoseconds = 0;
    if (!ReadTime(bytes, seconds, nanoseconds)) return false;
    if (seconds == 0 && nanoseconds == 0) return tree_.Null();
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    char text[48];
    const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                   static_cast<int>(clock.seconds().count()));
    std::string_view written(text, static_cast<std::size_t>(size));
    char rest[16] = "Z";
    if (micro) std::snprintf(rest, sizeof rest, ".%06dZ", static_cast<int>(nanoseconds / 1000));
    return tree_.String(std::string(written) + rest);
  }

  bool Json(std::string_view bytes) {
    std::string_view text;
    if (!ReadOnly(bytes, text)) return false;
    if (text.empty()) return tree_.Null();
    if (support::AppendJson(text, plain_json_, tree_)) return true;
    declined_ = plain_json_;
    return Fail("JSON within it cannot be read");
  }

  bool Base64(std::string_view bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      const std::size_t size = std::min<std::size_t>(3, bytes.size() - i);
      std::uint32_t group = 0;
      for (std::size_t k = 0; k < 3; ++k)
        group = group << 8 | (k < size ? static_cast<unsigned char>(bytes[i + k]) : 0u);
      for (std::size_t k = 0; k < 4; ++k) text += k <= size ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
    return tree_.String(text);
  }

  bool Fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return false;
  }

  Tree& tree_;
  const bool plain_json_;
  bool declined_ = false;
  std::string error_, path_;
};

// `read` fills the tree; once more where the fast reader of JSON has declined something.
template <typename Read>
Status Fill(Tree& tree, Read read) {
  for (const bool plain : {true, false}) {
    tree.Reset();
    Reader reader(tree, plain);
    if (read(reader)) return Status::Ok();
    if (!reader.declined()) return reader.Error();
  }
  return Status(Code::kInvalidArgument, "protobuf: malformed");
}

}  // namespace

bool IsProtobufContentType(std::string_view content_type) {
  return content_type.substr(0, content_type.find(';')) == "application/vnd.kubernetes.protobuf";
}

bool HasProtobuf(std::string_view api_version, std::string_view kind) { return FindRoot(api_version, kind) != nullptr; }

Status ParseProtobufObject(std::string_view bytes, Tree& tree) {
  Envelope envelope;
  if (!ReadEnvelope(bytes, envelope)) return Status(Code::kInvalidArgument, "protobuf: no object");
  return Fill(tree, [&](Reader& reader) { return reader.Object(envelope); });
}

Status ParseProtobufEvent(std::string_view bytes, Tree& tree) {
  std::string_view type, object;
  ProtobufWire event(bytes);
  while (event.Next()) {
    if (event.type() != ProtobufWire::Type::kBytes) return Status(Code::kInvalidArgument, "protobuf: no event");
    if (event.number() == 1) type = event.bytes();
    if (event.number() == 2 && !ReadOnly(event.bytes(), object))
      return Status(Code::kInvalidArgument, "protobuf: malformed");
  }
  Envelope envelope;
  if (event.malformed() || !ReadEnvelope(object, envelope)) return Status(Code::kInvalidArgument, "protobuf: no event");
  return Fill(tree, [&](Reader& reader) {
    return tree.StartObject() && reader.Text("type", type) && tree.Key("object") && reader.Object(envelope) &&
           tree.EndObject();
  });
}

Status ParseProtobufList(std::string_view bytes, Tree& head, Tree& item,
                         const std::function<void(const support::Node&)>& on_item) {
  Envelope envelope;
  if (!ReadEnvelope(bytes, envelope)) return Status(Code::kInvalidArgument, "protobuf: no list");
  constexpr std::string_view kList = "List";
  const Root* root = envelope.kind.ends_with(kList)
                         ? FindRoot(envelope.api_version, envelope.kind.substr(0, envelope.kind.size() - kList.size()))
                         : nullptr;
  if (root == nullptr) return Status(Code::kInvalidArgument, "protobuf: no list of what is known");
  std::string_view metadata;
  ProtobufWire list(envelope.raw);
  while (list.Next()) {
    if (list.type() != ProtobufWire::Type::kBytes || list.number() > 2)
      return Status(Code::kInvalidArgument, "protobuf: no list");
    if (list.number() == 1) {
      metadata = list.bytes();
      continue;
    }
    const Status read = Fill(item, [&](Reader& reader) { return reader.Message(list.bytes(), root->message); });
    if (!read.ok()) return read;
    on_item(item.root());
    item.Reset();
  }
  if (list.malformed()) return Status(Code::kInvalidArgument, "protobuf: malformed");
  return Fill(head, [&](Reader& reader) {
    return head.StartObject() && reader.Text("kind", envelope.kind) &&
           reader.Text("apiVersion", envelope.api_version) && head.Key("metadata") &&
           reader.Message(metadata, kListMeta) && head.Key("items") && head.StartArray() && head.EndArray() &&
           head.EndObject();
  });
}

}  // namespace seaworthy::api
