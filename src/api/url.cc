#include "api/url.h"

#include <utility>

namespace seaworthy::api {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

Status AppendSegment(std::string& path, std::string_view segment) {
  if (segment.empty() || segment == "." || segment == ".." || segment.find_first_of("/%") != std::string_view::npos) {
    return Status(Code::kInvalidArgument,
                  "\"" + std::string(segment.substr(0, 253)) + "\" cannot be part of a request path");
  }
  path += '/';
  path += PercentEncode(segment);
  return Status::Ok();
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Query& Query::Add(std::string_view name, std::string_view value) {
  text_ += text_.empty() ? '?' : '&';
  text_ += PercentEncode(name);
  text_ += '=';
  text_ += PercentEncode(value);
  return *this;
}

Query& Query::AddInt(std::string_view name, std::int64_t value) { return Add(name, std::to_string(value)); }

Query& Query::AddFlag(std::string_view name, bool value) { return Add(name, value ? "true" : "false"); }

Result<std::string> JoinPath(std::initializer_list<std::string_view> segments) {
  std::string path;
  for (const std::string_view segment : segments) {
    if (Status status = AppendSegment(path, segment); !status.ok()) return status;
  }
  return path;
}

Result<std::string> GroupVersionPath(std::string_view group, std::string_view version) {
  return group.empty() ? JoinPath({"api", version}) : JoinPath({"apis", group, version});
}

Result<std::string> CollectionPath(const KindInfo& info, std::string_view version, std::string_view name_space) {
  Result<std::string> path = GroupVersionPath(info.group, version);
  if (!path.ok()) return path;
  if (info.namespaced && !name_space.empty()) {
    Result<std::string> scope = JoinPath({"namespaces", name_space});
    if (!scope.ok()) return scope;
    *path += *scope;
  }
  if (Status status = AppendSegment(*path, info.resource); !status.ok()) return status;
  return path;
}

Result<std::string> ObjectPath(const KindInfo& info, std::string_view version, std::string_view name_space,
                               std::string_view name, std::string_view subresource) {
  if (info.namespaced == name_space.empty()) {
    return Status(Code::kInvalidArgument,
                  std::string(info.name) + (info.namespaced ? " needs a namespace" : " has no namespace"));
  }
  Result<std::string> path = CollectionPath(info, version, name_space);
  if (!path.ok()) return path;
  if (Status status = AppendSegment(*path, name); !status.ok()) return status;
  if (subresource.empty()) return path;
  if (Status status = AppendSegment(*path, subresource); !status.ok()) return status;
  return path;
}

}  // namespace seaworthy::api
