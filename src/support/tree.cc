#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "support/json.h"

namespace seaworthy::support {
namespace {

constexpr std::size_t kFirstBlock = 16 * 1024;
constexpr std::size_t kLargestBlock = 256 * 1024;
// A string of this size gets memory of its own instead of wasting the rest of a block.
constexpr std::size_t kLargeString = kFirstBlock / 4;
// What a Reset keeps: more than ordinary objects need (a pod takes about 16 KiB), less than one hostile object can ask
// for.
constexpr std::size_t kKeptBytes = 1024 * 1024;
// Up to this many members a doubled key is found by walking; beyond, by sorting once, as walking would be quadratic.
constexpr std::size_t kFewMembers = 32;

constinit const Node kAbsentNode{};

// Spreads keys that share a prefix or a suffix ("app.kubernetes.io/...").
std::uint8_t HashKey(std::string_view key) {
  std::uint64_t head = 0, tail = 0;
  if (key.size() >= 8) {
    std::memcpy(&head, key.data(), 8);
    std::memcpy(&tail, key.data() + key.size() - 8, 8);
  } else {
    std::memcpy(&head, key.data(), key.size());
  }
  const std::uint64_t mixed = (head ^ std::rotl(tail, 29) ^ key.size()) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint8_t>(mixed >> 56);
}

std::string Quoted(std::string_view key) {
  constexpr std::size_t kShown = 64;
  std::string text = "\"";
  text += key.substr(0, kShown);
  text += key.size() > kShown ? "...\"" : "\"";
  return text;
}

}  // namespace

const Node& Node::operator[](std::string_view key) const {
  if (type_ == NodeType::kObject) {
    for (const Node* child = child_; child != nullptr; child = child->next_) {
      if (child->key_size_ == key.size() && std::memcmp(child->key_, key.data(), key.size()) == 0) return *child;
    }
  }
  return kAbsentNode;
}

std::size_t Node::size() const {
  std::size_t count = 0;
  for (const Node* child = first_child(); child != nullptr; child = child->next_) ++count;
  return count;
}

std::string_view Node::text() const {
  return is_string() || is_number() ? std::string_view(text_, text_size_) : std::string_view();
}

std::optional<bool> Node::Bool() const {
  if (type_ != NodeType::kBool) return std::nullopt;
  return bool_;
}

std::optional<std::int64_t> Node::Int() const {
  if (!is_number()) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text_ + text_size_;
  if (const auto [at, code] = std::from_chars(text_, end, value); code == std::errc() && at == end) return value;
  // 3.0 and 1e3 are integers too, as far as a double holds them exactly.
  constexpr double kExact = 9007199254740992.0;
  const std::optional<double> real = Double();
  if (!real || *real != std::floor(*real) || std::fabs(*real) > kExact) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

std::optional<double> Node::Double() const {
  if (!is_number()) return std::nullopt;
  double value = 0;
  const char* end = text_ + text_size_;
  const auto [at, code] = std::from_chars(text_, end, value);
  if (code != std::errc() || at != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// An open container.
struct Tree::Frame {
  Node* node;
  Node* tail = nullptr;    // its last child
  std::size_t count = 0;   // of members
  std::uint64_t seen = 0;  // bit set of key hashes: a clear bit proves that a key is new
};

Tree::Tree(JsonLimits limits) : limits_(limits) { frames_.reserve(limits_.depth); }

Tree::~Tree() = default;

void Tree::Reset() {
  std::size_t kept = 0, blocks = 0;
  while (blocks < blocks_.size() && kept + blocks_[blocks].size <= kKeptBytes) kept += blocks_[blocks++].size;
  blocks_.resize(blocks);
  large_.clear();
  large_bytes_ = 0;
  next_block_ = 0;
  front_ = back_ = nullptr;
  frames_.clear();
  root_ = last_ = nullptr;
  has_key_ = pending_merge_ = failed_ = false;
  prune_base_ = pruned_depth_ = tokens_ = 0;
  error_.clear();
}

bool Tree::complete() const { return root_ != nullptr && depth() == 0 && !failed_; }

std::size_t Tree::depth() const { return frames_.size() + pruned_depth_; }

const Node& Tree::root() const { return root_ != nullptr ? *root_ : kAbsentNode; }

std::size_t Tree::resident_bytes() const {
  std::size_t bytes = large_bytes_ + frames_.capacity() * sizeof(Frame);
  for (const Block& block : blocks_) bytes += block.size;
  return bytes;
}

bool Tree::Fail(std::string message, std::uint32_t line) {
  if (!failed_) {
    if (line != 0) message.insert(0, "line " + std::to_string(line) + ": ");
    error_ = std::move(message);
    failed_ = true;
  }
  return false;
}

void Tree::NextBlock() {
  if (next_block_ == blocks_.size()) {
    const std::size_t size = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kLargestBlock);
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  }
  Block& block = blocks_[next_block_++];
  front_ = block.data.get();
  back_ = front_ + block.size;
}

Node* Tree::NewNode() {
  if (static_cast<std::size_t>(back_ - front_) < sizeof(Node)) NextBlock();
  Node* node = new (front_) Node;  // the front of a block stays aligned: only nodes are put there
  front_ += sizeof(Node);
  return node;
}

const char* Tree::Copy(std::string_view text) {
  if (static_cast<std::size_t>(back_ - front_) < text.size()) {
    if (text.size() >= kLargeString) {
      large_.push_back(std::unique_ptr<char[]>(new char[text.size()]));
      large_bytes_ += text.size();
      std::memcpy(large_.back().get(), text.data(), text.size());
      return large_.back().get();
    }
    NextBlock();
  }
  back_ -= text.size();
  if (!text.empty()) std::memcpy(back_, text.data(), text.size());
  return back_;
}

Node* Tree::Add(NodeType type, std::uint32_t line) {
  if (failed_) return nullptr;
  if (++tokens_ > limits_.tokens) {
    Fail("has more than " + std::to_string(limits_.tokens) + " values", line);
    return nullptr;
  }
  if (frames_.empty()) {
    if (root_ != nullptr) {
      Fail("has more than one value", line);
      return nullptr;
    }
    root_ = last_ = NewNode();
    root_->type_ = type;
    root_->line_ = line;
    return root_;
  }
  Frame& frame = frames_.back();
  Node* node = last_ = NewNode();
  node->type_ = type;
  node->line_ = line;
  if (has_key_) {
    has_key_ = false;
    node->key_ = pending_key_.data();
    node->key_size_ = static_cast<std::uint32_t>(pending_key_.size());
    node->key_hash_ = HashKey(pending_key_);
    node->merge_ = pending_merge_;
    if (pending_line_ != 0) node->line_ = pending_line_;
    const std::uint64_t bit = std::uint64_t{1} << (node->key_hash_ & 63);
    if (frame.count < kFewMembers && (frame.seen & bit) != 0 && !node->merge_) {
      for (const Node* other = frame.node->child_; other != nullptr; other = other->next_) {
        if (other->key_hash_ == node->key_hash_ && other->key() == node->key() && !other->merge_) {
          Fail("has the key " + Quoted(node->key()) + " twice", node->line_);
          return nullptr;
        }
      }
    }
    frame.seen |= bit;
    ++frame.count;
  }
  if (frame.tail == nullptr) {
    frame.node->child_ = node;
  } else {
    frame.tail->next_ = node;
  }
  frame.tail = node;
  return node;
}

bool Tree::Null(std::uint32_t line) { return pruned_depth_ != 0 || Add(NodeType::kNull, line) != nullptr; }

bool Tree::Bool(bool value, std::uint32_t line) {
  if (pruned_depth_ != 0) return true;
  Node* node = Add(NodeType::kBool, line);
  if (node == nullptr) return false;
  node->bool_ = value;
  return true;
}

bool Tree::Number(std::string_view literal, std::uint32_t line) {
  if (pruned_depth_ != 0) return true;
  Node* node = Add(NodeType::kNumber, line);
  if (node == nullptr) return false;
  node->text_ = Copy(literal);
  node->text_size_ = static_cast<std::uint32_t>(literal.size());
  return true;
}

bool Tree::String(std::string_view value, std::uint32_t line) {
  if (pruned_depth_ != 0) return true;
  Node* node = Add(NodeType::kString, line);
  if (node == nullptr) return false;
  node->text_ = Copy(value);
  node->text_size_ = static_cast<std::uint32_t>(value.size());
  return true;
}

bool Tree::PushKey(std::string_view key, std::uint32_t line, bool merge) {
  if (pruned_depth_ != 0) return true;
  if (failed_) return false;
  pending_key_ = {Copy(key), key.size()};
  pending_line_ = line;
  pending_merge_ = merge;
  has_key_ = true;
  return true;
}

bool Tree::Key(std::string_view key, std::uint32_t line) { return PushKey(key, line, false); }

bool Tree::MergeKey(std::uint32_t line) { return PushKey("<<", line, true); }

bool Tree::Start(NodeType type, std::uint32_t line) {
  if (failed_) return false;
  if (depth() >= limits_.depth) return Fail("is nested deeper than " + std::to_string(limits_.depth) + " levels", line);
  if (pruned_depth_ != 0) {
    ++pruned_depth_;
    return true;
  }
  const std::size_t frames = frames_.size() + 1;
  const bool begins = prune_base_ == 0 && has_key_ && !limits_.prune_key.empty() && pending_key_ == limits_.prune_key;
  if (begins) prune_base_ = frames;
  if (prune_base_ != 0 && frames - prune_base_ >= limits_.prune_levels) {
    if (begins) prune_base_ = 0;
    if (Add(NodeType::kPruned, line) == nullptr) return false;
    pruned_depth_ = 1;
    return true;
  }
  Node* node = Add(type, line);
  if (node == nullptr) return false;
  node->child_ = nullptr;
  frames_.push_back({node});
  return true;
}

bool Tree::StartObject(std::uint32_t line) { return Start(NodeType::kObject, line); }

bool Tree::StartArray(std::uint32_t line) { return Start(NodeType::kArray, line); }

bool Tree::Finish(bool merging) {
  if (pruned_depth_ != 0) {
    --pruned_depth_;
    return true;
  }
  if (failed_) return false;
  if (merging && !Merge(frames_.back())) return false;
  if (frames_.back().count > kFewMembers && !CheckDoubled(frames_.back())) return false;
  if (prune_base_ == frames_.size()) prune_base_ = 0;
  last_ = frames_.back().node;
  frames_.pop_back();
  return true;
}

bool Tree::EndObject() { return Finish(false); }

bool Tree::EndObjectMerging() { return Finish(true); }

bool Tree::EndArray() { return Finish(false); }

bool Tree::CheckDoubled(const Frame& frame) {
  std::vector<const Node*> members;
  members.reserve(frame.count);
  for (const Node* child = frame.node->child_; child != nullptr; child = child->next_) members.push_back(child);
  std::sort(members.begin(), members.end(), [](const Node* a, const Node* b) { return a->key() < b->key(); });
  const auto same = [](const Node* a, const Node* b) { return a->key() == b->key(); };
  const auto doubled = std::adjacent_find(members.begin(), members.end(), same);
  if (doubled == members.end()) return true;
  return Fail("has the key " + Quoted((*doubled)->key()) + " twice", std::max(doubled[0]->line_, doubled[1]->line_));
}

bool Tree::Merge(Frame& frame) {
  // What is merged is copied node by node but shares its content: the value of "<<" may have an anchor and be wanted
  // again.
  std::vector<Node*> kept, merges;
  for (Node* child = frame.node->child_; child != nullptr; child = child->next_) {
    (child->merge_ ? merges : kept).push_back(child);
  }
  std::unordered_set<std::string_view> names;
  for (const Node* child : kept) names.insert(child->key());
  const auto add_members = [&](Node* object) {
    for (Node* member = object->child_; member != nullptr; member = member->next_) {
      if (!names.insert(member->key()).second) continue;
      Node* copy = NewNode();
      *copy = *member;
      kept.push_back(copy);
    }
  };
  for (Node* merge : merges) {
    if (merge->is_object()) {
      add_members(merge);
      continue;
    }
    bool good = merge->is_array();
    for (Node* object = good ? merge->child_ : nullptr; object != nullptr; object = object->next_) {
      good = good && object->is_object();
      if (good) add_members(object);
    }
    if (!good) return Fail("has a merge key (<<) whose value is no mapping", merge->line_);
  }
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i]->next_ = i + 1 < kept.size() ? kept[i + 1] : nullptr;
  frame.node->child_ = kept.empty() ? nullptr : kept.front();
  frame.tail = kept.empty() ? nullptr : kept.back();
  frame.count = kept.size();
  tokens_ += kept.size();
  return tokens_ <= limits_.tokens ||
         Fail("has more than " + std::to_string(limits_.tokens) + " values", frame.node->line_);
}

}  // namespace seaworthy::support
