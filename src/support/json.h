// JSON (and what YAML says in JSON's model) as a tree of one object at a time, in an arena that is used again for the
// next.
//
// Reading is strict: depth, size and token limits, no duplicate keys, valid UTF-8, no comments. A Tree is what decoders
// read from; it lives only while one object is decoded, so that nothing of it (credentials!) stays. Writing is done
// with nlohmann::json directly. tree.cc has the tree, json.cc the JSON parser; yaml.h reads into the same trees.
//
// Not thread-safe: one Tree per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/result.h"

namespace seaworthy::support {

enum class NodeType : std::uint8_t { kAbsent, kNull, kBool, kNumber, kString, kArray, kObject, kPruned };

// One value. References stay valid until the tree is reset. A member or element that is not there reads as the absent
// node, so chains need no checks: node["spec"]["replicas"].Int().
class Node {
 public:
  NodeType type() const { return type_; }
  bool present() const { return type_ != NodeType::kAbsent && type_ != NodeType::kNull; }
  bool is_object() const { return type_ == NodeType::kObject; }
  bool is_array() const { return type_ == NodeType::kArray; }
  bool is_string() const { return type_ == NodeType::kString; }
  bool is_number() const { return type_ == NodeType::kNumber; }

  // Member of an object.
  const Node& operator[](std::string_view key) const;
  // Children of an array or object in document order: for (const Node& child : node).
  class Iterator {
   public:
    explicit Iterator(const Node* node) : node_(node) {}
    const Node& operator*() const { return *node_; }
    Iterator& operator++() {
      node_ = node_->next_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const Node* node_;
  };
  Iterator begin() const { return Iterator(first_child()); }
  Iterator end() const { return Iterator(nullptr); }
  std::size_t size() const;  // number of children; walks them

  std::string_view key() const { return {key_, key_size_}; }  // within its object
  // The string's value, or the literal of a number as it was written; empty for everything else.
  std::string_view text() const;
  std::optional<bool> Bool() const;
  std::optional<std::int64_t> Int() const;  // integral numbers within range only
  std::optional<double> Double() const;     // finite numbers only
  // Strings and numbers alike: intstr and quantities are written as both.
  std::string_view scalar() const { return text(); }
  // 1-based in the source text, of the key where there is one; 0 when unknown (JSON, unless it was asked for).
  std::uint32_t line() const { return line_; }

 private:
  friend class Tree;
  const Node* first_child() const { return is_object() || is_array() ? child_ : nullptr; }

  NodeType type_ = NodeType::kAbsent;
  bool bool_ = false;
  bool merge_ = false;         // the member "<<" of YAML, until its object ends
  std::uint8_t key_hash_ = 0;  // makes the search for doubled keys cheap
  std::uint32_t line_ = 0;
  std::uint32_t key_size_ = 0;
  std::uint32_t text_size_ = 0;
  const char* key_ = nullptr;
  union {
    const char* text_ = nullptr;
    Node* child_;
  };
  Node* next_ = nullptr;
};

struct JsonLimits {
  std::size_t depth = 64;
  std::size_t tokens = 200'000;  // per object
  // Below a member with this key only so many levels of members are kept: with 2, objects and arrays that are values of
  // the second level become kPruned nodes (managedFields' fieldsV1: "f:spec" and "f:replicas" stay). What is pruned
  // does not count as tokens.
  std::string_view prune_key = "fieldsV1";
  std::size_t prune_levels = 2;
};

// The receiving end of a parser: push values in document order. Every Push returns false once a limit is exceeded or a
// key is doubled; error() then says what. The JSON and the YAML reader both end here.
class Tree {
 public:
  explicit Tree(JsonLimits limits = {});
  ~Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void Reset();  // forget the content, keep the memory
  bool Null(std::uint32_t line = 0);
  bool Bool(bool value, std::uint32_t line = 0);
  bool Number(std::string_view literal, std::uint32_t line = 0);
  bool String(std::string_view value, std::uint32_t line = 0);
  bool Key(std::string_view key, std::uint32_t line = 0);
  bool StartObject(std::uint32_t line = 0);
  bool EndObject();
  bool StartArray(std::uint32_t line = 0);
  bool EndArray();

  // YAML's merge key "<<", instead of Key(): may occur more than once, and wants EndObjectMerging().
  bool MergeKey(std::uint32_t line = 0);
  // EndObject, with each merge key replaced by the members of its value (an object or an array of objects). A member
  // that is written out wins over merged ones, an earlier merged one over a later.
  bool EndObjectMerging();

  bool complete() const;  // one whole value was pushed
  const Node& root() const;
  // What was pushed last: how the YAML reader learns what an anchor names. nullptr inside a pruned value.
  const Node* last() const { return pruned_depth_ == 0 ? last_ : nullptr; }
  const std::string& error() const { return error_; }
  std::size_t depth() const;
  std::size_t resident_bytes() const;

 private:
  struct Frame;
  struct Block {
    std::unique_ptr<char[]> data;
    std::size_t size = 0;
  };

  Node* Add(NodeType type, std::uint32_t line);
  bool Start(NodeType type, std::uint32_t line);
  bool PushKey(std::string_view key, std::uint32_t line, bool merge);
  bool CheckDoubled(const Frame& frame);
  bool Merge(Frame& frame);
  bool Finish(bool merging);
  void NextBlock();
  Node* NewNode();
  const char* Copy(std::string_view text);
  bool Fail(std::string message, std::uint32_t line);

  JsonLimits limits_;
  // Nodes grow from the front of a block, characters from its back: neither needs padding.
  std::vector<Block> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;  // strings that would waste a block; not kept over Reset
  std::size_t large_bytes_ = 0;
  std::size_t next_block_ = 0;
  char* front_ = nullptr;
  char* back_ = nullptr;
  std::vector<Frame> frames_;
  Node* root_ = nullptr;
  Node* last_ = nullptr;
  std::string_view pending_key_;
  std::uint32_t pending_line_ = 0;
  bool has_key_ = false;
  bool pending_merge_ = false;
  bool failed_ = false;
  std::size_t prune_base_ = 0;    // number of frames once prune_key's value is open; 0: not below it
  std::size_t pruned_depth_ = 0;  // open containers inside a pruned value
  std::size_t tokens_ = 0;
  std::string error_;
};

// Parses one JSON document into `tree` (reset first). With `first_line` nodes know their line, counted from it.
Status ParseJson(std::string_view text, Tree& tree, std::uint32_t first_line = 0);

// Pushes the object or array that `text` is, where `tree` stands in the midst of another value. With `plain` by the
// fast reader alone, which declines what is unusual (json_plain.h). After false the tree holds a part that has to be
// thrown away.
bool AppendJson(std::string_view text, bool plain, Tree& tree);

// Parses the object or array that `text` begins with and answers how many bytes it took: for a stream of values.
Result<std::size_t> ParseJsonPrefix(std::string_view text, Tree& tree, std::uint32_t first_line = 0);

// Parses a Kubernetes list ({"metadata":{...},"items":[...]}) without holding it as a whole: `on_item` gets each
// element as a tree of its own (the reference dies with the call); `head` afterwards holds the list with its items left
// out (an empty array). An item that exceeds a limit is reported through `on_unreadable` as "namespace/name: why", with
// what could be read of its metadata, and skipped. Stops with an error when the document itself is malformed; items
// delivered before that are then to be dropped by the caller.
Status ParseJsonList(std::string_view text, Tree& head, Tree& item, const std::function<void(const Node&)>& on_item,
                     const std::function<void(std::string why)>& on_unreadable);

}  // namespace seaworthy::support
