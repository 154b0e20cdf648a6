// What an API server sends as application/vnd.kubernetes.protobuf, read into the trees that its JSON is read into: a
// third of the bytes, and a third of the server's work (docs/performance.md).
//
// The numbers of the fields are in kubernetes_messages/messages.inc, written from k8s.io/api. Its own rules for JSON
// are kept: what is omitted when it is zero, times, quantities, numbers or strings. A field whose number is not in the
// table (of a newer server) is an error that names it, and so is anything else that is not as it should be: whoever
// asked then asks for JSON, which tells all there is.
//
// Framing: an object is the four bytes "k8s\0" and a runtime.Unknown (apimachinery, serializer/protobuf); a frame of a
// watch is four bytes of length and a meta.v1.WatchEvent whose object is such a one.
//
// Functions without state; thread-safe as long as each thread has its trees.
#pragma once

#include <functional>
#include <string_view>

#include "seaworthy/result.h"
#include "support/json.h"

namespace seaworthy::api {

// For Accept: kinds of aggregated servers and of CustomResourceDefinitions come as JSON.
inline constexpr std::string_view kProtobufOrJson = "application/vnd.kubernetes.protobuf, application/json";

bool IsProtobufContentType(std::string_view content_type);

// Whether objects of this kind can be read.
bool HasProtobuf(std::string_view api_version, std::string_view kind);

// One object, or a Status. The tree is reset first, and holds a part after an error.
Status ParseProtobufObject(std::string_view bytes, support::Tree& tree);
// A frame of a watch, without its length: {"type": ..., "object": {...}}.
Status ParseProtobufEvent(std::string_view bytes, support::Tree& tree);
// As support::ParseJsonList, but that one item that cannot be read ends it.
Status ParseProtobufList(std::string_view bytes, support::Tree& head, support::Tree& item,
                         const std::function<void(const support::Node&)>& on_item);

}  // namespace seaworthy::api
