#include "support/yaml_events.h"

#include <yaml.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "support/yaml_scalar.h"

namespace seaworthy::support {
namespace {

constexpr std::string_view kMergeTag = "tag:yaml.org,2002:merge";

std::string_view View(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

class Parser {
 public:
  explicit Parser(std::string_view text) {
    ok_ = yaml_parser_initialize(&parser_) == 1;
    if (!ok_) return;
    // Said, not guessed: libyaml would take two odd bytes for UTF-16.
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Parser() {
    if (ok_) yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  bool Next(yaml_event_t& event) { return ok_ && yaml_parser_parse(&parser_, &event) == 1; }
  const yaml_parser_t& state() const { return parser_; }

 private:
  yaml_parser_t parser_;
  bool ok_ = false;
};

class Event {
 public:
  Event() = default;
  ~Event() { yaml_event_delete(&event); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  yaml_event_t event = {};
};

class Builder {
 public:
  Builder(std::string_view text, std::uint32_t first_line, std::size_t alias_nodes, Tree& tree)
      : text_(text), first_line_(first_line), alias_nodes_(alias_nodes), tree_(tree), parser_(text) {}

  YamlProblem Run() {
    for (bool more = true; more;) {
      Event holder;
      yaml_event_t& event = holder.event;
      if (!parser_.Next(event)) return LibraryProblem();
      line_ = first_line_ + static_cast<std::uint32_t>(event.start_mark.line);
      switch (event.type) {
        case YAML_SCALAR_EVENT: more = Scalar(event); break;
        case YAML_ALIAS_EVENT: more = Alias(View(event.data.alias.anchor)); break;
        case YAML_MAPPING_START_EVENT: more = Start(true, View(event.data.mapping_start.anchor)); break;
        case YAML_SEQUENCE_START_EVENT: more = Start(false, View(event.data.sequence_start.anchor)); break;
        case YAML_MAPPING_END_EVENT:
        case YAML_SEQUENCE_END_EVENT: more = End(); break;
        case YAML_DOCUMENT_START_EVENT:
          if (documents_++ != 0) more = Fail("a further document without a separator (---)");
          break;
        case YAML_STREAM_END_EVENT: more = false; break;
        default: break;
      }
    }
    if (problem_.why.empty() && !tree_.error().empty()) problem_ = {tree_.error(), line_};
    return problem_;
  }

 private:
  struct Frame {
    bool mapping = false;
    bool wants_key = false;
    bool merging = false;
    std::string anchor;
  };
  struct Anchor {
    const Node* node = nullptr;
    bool open = false;
  };

  bool Fail(std::string why) {
    problem_ = {std::move(why), line_};
    return false;
  }

  bool at_key() const { return !frames_.empty() && frames_.back().wants_key; }
  void ValueDone() {
    if (!frames_.empty() && frames_.back().mapping) frames_.back().wants_key = true;
  }

  bool Scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const std::string_view value(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view tag = View(scalar.tag);
    const bool plain = scalar.plain_implicit != 0;
    if (at_key()) {
      Frame& frame = frames_.back();
      frame.wants_key = false;
      if (value == "<<" && (plain || tag == kMergeTag)) {
        frame.merging = true;
        return tree_.MergeKey(line_);
      }
      const YamlScalar key = ResolveYamlKey(value, tag, plain, storage_);
      if (key.type == NodeType::kAbsent) return Fail(std::string(key.text));
      if (scalar.anchor != nullptr) key_anchors_[std::string(View(scalar.anchor))] = key.text;
      return tree_.Key(key.text, line_);
    }
    const YamlScalar resolved = ResolveYamlScalar(value, tag, plain, storage_);
    bool good = true;
    switch (resolved.type) {
      case NodeType::kAbsent: return Fail(std::string(resolved.text));
      case NodeType::kNull: good = tree_.Null(line_); break;
      case NodeType::kBool: good = tree_.Bool(resolved.boolean, line_); break;
      case NodeType::kNumber: good = tree_.Number(resolved.text, line_); break;
      default: good = tree_.String(resolved.text, line_); break;
    }
    if (scalar.anchor != nullptr) SetAnchor(View(scalar.anchor), {tree_.last(), false});
    ValueDone();
    return good;
  }

  bool Start(bool mapping, std::string_view anchor) {
    if (at_key()) return Fail("a mapping or a sequence as a key");
    if (!(mapping ? tree_.StartObject(line_) : tree_.StartArray(line_))) return false;
    frames_.push_back({mapping, mapping, false, std::string(anchor)});
    if (!anchor.empty()) SetAnchor(anchor, {tree_.last(), true});
    return true;
  }

  bool End() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (!frame.anchor.empty()) {
      const auto found = anchors_.find(frame.anchor);
      if (found != anchors_.end()) found->second.open = false;
    }
    ValueDone();
    if (!frame.mapping) return tree_.EndArray();
    return frame.merging ? tree_.EndObjectMerging() : tree_.EndObject();
  }

  void SetAnchor(std::string_view name, Anchor anchor) {
    key_anchors_.erase(std::string(name));
    anchors_[std::string(name)] = anchor;
  }

  bool Alias(std::string_view name) {
    const auto key_found = key_anchors_.find(std::string(name));
    if (key_found != key_anchors_.end()) {
      if (at_key()) {
        frames_.back().wants_key = false;
        return tree_.Key(key_found->second, line_);
      }
      ValueDone();
      return tree_.String(key_found->second, line_);
    }
    const auto found = anchors_.find(std::string(name));
    if (found == anchors_.end()) return Fail("an alias without its anchor: *" + std::string(name.substr(0, 64)));
    if (found->second.open) return Fail("an alias inside its own anchor: *" + std::string(name.substr(0, 64)));
    const Node* node = found->second.node;
    if (node == nullptr) return Fail("an alias of something that is not kept: *" + std::string(name.substr(0, 64)));
    if (at_key()) return AliasAsKey(*node);
    ValueDone();
    return Copy(*node);
  }

  bool AliasAsKey(const Node& node) {
    frames_.back().wants_key = false;
    if (const std::optional<bool> value = node.Bool()) return tree_.Key(*value ? "true" : "false", line_);
    if (!node.is_string() && !node.is_number()) return Fail("an alias as a key that is no text");
    return tree_.Key(node.text(), line_);
  }

  // Recursion is bounded: what is copied is in the tree already, within its depth limit.
  bool Copy(const Node& node) {
    if (++copied_ > alias_nodes_)
      return Fail("aliases that expand to more than " + std::to_string(alias_nodes_) + " values");
    switch (node.type()) {
      case NodeType::kBool: return tree_.Bool(*node.Bool(), node.line());
      case NodeType::kNumber: return tree_.Number(node.text(), node.line());
      case NodeType::kString: return tree_.String(node.text(), node.line());
      case NodeType::kArray:
        if (!tree_.StartArray(node.line())) return false;
        for (const Node& child : node) {
          if (!Copy(child)) return false;
        }
        return tree_.EndArray();
      case NodeType::kObject:
        if (!tree_.StartObject(node.line())) return false;
        for (const Node& child : node) {
          if (!tree_.Key(child.key(), child.line()) || !Copy(child)) return false;
        }
        return tree_.EndObject();
      case NodeType::kAbsent:
      case NodeType::kNull:
      case NodeType::kPruned: break;
    }
    return tree_.Null(node.line());
  }

  YamlProblem LibraryProblem() const {
    const yaml_parser_t& parser = parser_.state();
    YamlProblem problem;
    problem.why = parser.problem == nullptr ? "out of memory" : parser.problem;
    if (parser.error == YAML_READER_ERROR) {
      // The reader knows an offset in bytes instead of a line.
      const std::size_t at = std::min(parser.problem_offset, text_.size());
      const auto breaks = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      problem.line = first_line_ + static_cast<std::uint32_t>(breaks);
      return problem;
    }
    problem.line = first_line_ + static_cast<std::uint32_t>(parser.problem_mark.line);
    if (parser.context != nullptr) {
      problem.why += std::string(" ") + parser.context;
      const std::uint32_t context_line = first_line_ + static_cast<std::uint32_t>(parser.context_mark.line);
      if (context_line != problem.line) problem.why += " that began in line " + std::to_string(context_line);
    }
    return problem;
  }

  std::string_view text_;
  std::uint32_t first_line_;
  std::size_t alias_nodes_;
  Tree& tree_;
  Parser parser_;
  std::vector<Frame> frames_;
  std::unordered_map<std::string, Anchor> anchors_;
  std::unordered_map<std::string, std::string> key_anchors_;  // keys are not nodes
  std::string storage_;
  std::size_t copied_ = 0;
  std::size_t documents_ = 0;
  std::uint32_t line_ = 0;
  YamlProblem problem_;
};

}  // namespace

YamlProblem ReadYamlEvents(std::string_view text, std::uint32_t first_line, std::size_t alias_nodes, Tree& tree) {
  return Builder(text, first_line, alias_nodes, tree).Run();
}

}  // namespace seaworthy::support
