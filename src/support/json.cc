#include "support/json.h"

#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "support/json_cursor.h"
#include "support/json_plain.h"

namespace seaworthy::support {
namespace {

using nlohmann::json;

// nlohmann's SAX calls, with what the cursor kept back put in again, for a sink with the methods of Tree.
template <typename Sink>
class SaxAdapter {
 public:
  SaxAdapter(JsonCursor& cursor, Sink& sink) : cursor_(cursor), sink_(sink) {}

  bool null() { return sink_.Null(cursor_.line()); }
  bool boolean(bool value) { return sink_.Bool(value, cursor_.line()); }
  bool number_integer(json::number_integer_t value) { return Number(value); }
  bool number_unsigned(json::number_unsigned_t value) { return Number(value); }
  bool number_float(json::number_float_t, const std::string& literal) { return sink_.Number(literal, cursor_.line()); }
  bool string(const std::string& shown) {
    std::string_view value;
    return sink_.String(cursor_.TakeString(value) ? value : std::string_view(shown), cursor_.line());
  }
  bool key(const std::string& shown) {
    std::string_view value;
    return sink_.Key(cursor_.TakeString(value) ? value : std::string_view(shown), cursor_.line());
  }
  bool binary(const json::binary_t&) { return false; }
  bool start_object(std::size_t) { return sink_.StartObject(cursor_.line()); }
  bool end_object() { return sink_.EndObject(); }
  bool start_array(std::size_t) { return sink_.StartArray(cursor_.line()); }
  bool end_array() { return sink_.EndArray(); }

  bool parse_error(std::size_t, const std::string&, const json::exception& error) {
    // The library's position is one in the skeleton, and "last read" would carry the text, a credential perhaps, into
    // logs.
    std::string_view what = error.what();
    if (const std::size_t begin = what.find("syntax error"); begin != std::string_view::npos) what.remove_prefix(begin);
    error_ = what.substr(0, what.find("; last read"));
    return false;
  }
  const std::string& error() const { return error_; }

 private:
  template <typename T>
  bool Number(T value) {
    std::string_view literal;
    if (cursor_.TakeNumber(literal)) return sink_.Number(literal, cursor_.number_line());
    return sink_.Number(std::to_string(value), cursor_.line());
  }

  JsonCursor& cursor_;
  Sink& sink_;
  std::string error_;
};

Status Malformed(std::string_view text, std::size_t offset, std::uint32_t first_line, std::string_view why) {
  const auto line =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n') + std::max(first_line, 1U);
  return Status(Code::kInvalidArgument,
                "line " + std::to_string(line) + ", byte " + std::to_string(offset) + ": " + std::string(why));
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// `strict`: nothing may follow the value. Returns the number of bytes read.
template <typename Sink>
Result<std::size_t> Parse(std::string_view text, Sink& sink, std::uint32_t first_line, bool strict) {
  if (text.size() >= std::numeric_limits<std::uint32_t>::max()) return Status(Code::kInvalidArgument, "4 GiB of JSON");
  JsonCursor cursor(text, first_line);
  try {
    SaxAdapter<Sink> adapter(cursor, sink);
    const bool good = json::sax_parse(JsonCursor::Iterator(&cursor), JsonCursor::Iterator(), &adapter,
                                      json::input_format_t::json, strict);
    if (!adapter.error().empty()) return Malformed(text, cursor.offset(), first_line, adapter.error());
    if (!good) return Status(Code::kInvalidArgument, sink.error());
    // The library takes a NUL for the end of the text.
    if (strict && !cursor.at_end()) return Malformed(text, cursor.offset(), first_line, "NUL byte");
  } catch (const std::exception& error) {
    return Status(Code::kInternal, std::string("reading JSON: ") + error.what());
  }
  return cursor.offset();
}

// Cuts the elements of the top-level "items" out of a list, one tree each.
class ListSink {
 public:
  ListSink(Tree& head, Tree& item, const std::function<void(const Node&)>& on_item,
           const std::function<void(std::string why)>& on_unreadable)
      : head_(head), item_(item), on_item_(on_item), on_unreadable_(on_unreadable) {}

  bool Null(std::uint32_t line) {
    return Scalar([&](Tree& tree) { return tree.Null(line); });
  }
  bool Bool(bool value, std::uint32_t line) {
    return Scalar([&](Tree& tree) { return tree.Bool(value, line); });
  }
  bool Number(std::string_view literal, std::uint32_t line) {
    return Scalar([&](Tree& tree) { return tree.Number(literal, line); });
  }
  bool String(std::string_view value, std::uint32_t line) {
    if (in_items_ && level_ == kMetadataLevel && in_metadata_ && name_part_ != nullptr) name_part_->assign(value);
    return Scalar([&](Tree& tree) { return tree.String(value, line); });
  }
  bool Key(std::string_view key, std::uint32_t line) {
    if (!in_items_) {
      items_next_ = level_ == 1 && key == "items";
      return head_.Key(key, line);
    }
    if (level_ == kItemLevel) in_metadata_ = key == "metadata";
    if (level_ == kMetadataLevel && in_metadata_)
      name_part_ = key == "name" ? &name_ : key == "namespace" ? &namespace_ : nullptr;
    if (!skipping_) skipping_ = !item_.Key(key, line);
    return true;
  }
  bool StartObject(std::uint32_t line) {
    return Start([&](Tree& tree) { return tree.StartObject(line); });
  }
  bool StartArray(std::uint32_t line) {
    const bool begins = items_next_ && level_ == 1;
    items_next_ = false;
    const bool good = Start([&](Tree& tree) { return tree.StartArray(line); });
    in_items_ = in_items_ || begins;
    return good;
  }
  bool EndObject() {
    return End([](Tree& tree) { return tree.EndObject(); });
  }
  bool EndArray() {
    if (in_items_ && level_ == kItemsLevel) in_items_ = false;
    return End([](Tree& tree) { return tree.EndArray(); });
  }
  const std::string& error() const { return head_.error(); }

 private:
  // Open containers: the list, its items, one item, the item's metadata.
  static constexpr std::size_t kItemsLevel = 2, kItemLevel = 3, kMetadataLevel = 4;

  template <typename Push>
  bool Scalar(Push push) {
    if (!in_items_) {
      items_next_ = false;
      return push(head_);
    }
    if (level_ == kItemsLevel) Begin();
    if (!skipping_) skipping_ = !push(item_);
    if (level_ == kItemsLevel) Deliver();
    return true;
  }
  template <typename Push>
  bool Start(Push push) {
    if (!in_items_) {
      items_next_ = false;
      ++level_;
      return push(head_);
    }
    if (level_ == kItemsLevel) Begin();
    ++level_;
    if (!skipping_) skipping_ = !push(item_);
    return true;
  }
  template <typename Push>
  bool End(Push push) {
    --level_;
    if (!in_items_) return push(head_);
    if (!skipping_) skipping_ = !push(item_);
    if (level_ == kItemsLevel) Deliver();
    return true;
  }
  void Begin() {
    item_.Reset();
    skipping_ = in_metadata_ = false;
    name_part_ = nullptr;
    name_.clear();
    namespace_.clear();
  }
  void Deliver() {
    if (!skipping_) {
      on_item_(item_.root());
      return;
    }
    std::string why = namespace_;
    if (!why.empty()) why += '/';
    why += name_.empty() ? "(an object without a name)" : name_;
    on_unreadable_(why + ": " + item_.error());
  }

  Tree& head_;
  Tree& item_;
  const std::function<void(const Node&)>& on_item_;
  const std::function<void(std::string)>& on_unreadable_;
  std::size_t level_ = 0;    // open containers, skipped ones included
  bool items_next_ = false;  // the value of "items" comes next
  bool in_items_ = false;
  bool skipping_ = false;  // the rest of this item: a limit is exceeded
  bool in_metadata_ = false;
  std::string* name_part_ = nullptr;
  std::string name_, namespace_;
};

}  // namespace

Status ParseJson(std::string_view text, Tree& tree, std::uint32_t first_line) {
  tree.Reset();
  const std::optional<std::size_t> size = ReadPlainJson(text, first_line, tree);
  if (size && IsBlank(text.substr(*size))) return Status::Ok();
  tree.Reset();
  return Parse(text, tree, first_line, true).status();
}

bool AppendJson(std::string_view text, bool plain, Tree& tree) {
  if (!plain) return Parse(text, tree, 0, true).ok();
  const std::optional<std::size_t> size = ReadPlainJson(text, 0, tree);
  return size && IsBlank(text.substr(*size));
}

Result<std::size_t> ParseJsonPrefix(std::string_view text, Tree& tree, std::uint32_t first_line) {
  tree.Reset();
  if (const std::optional<std::size_t> size = ReadPlainJson(text, first_line, tree)) return *size;
  tree.Reset();
  return Parse(text, tree, first_line, false);
}

Status ParseJsonList(std::string_view text, Tree& head, Tree& item, const std::function<void(const Node&)>& on_item,
                     const std::function<void(std::string why)>& on_unreadable) {
  head.Reset();
  ListSink sink(head, item, on_item, on_unreadable);
  const Status status = Parse(text, sink, 0, true).status();
  item.Reset();
  return status;
}

}  // namespace seaworthy::support
