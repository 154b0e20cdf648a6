#include "api/kubernetes_protobuf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "api/testing/protobuf.h"
#include "support/json.h"

namespace seaworthy::api {
namespace {

using support::Node;
using support::NodeType;
using support::Tree;
using testing::ProtoBytes;
using testing::ProtoEvent;
using testing::ProtoNumber;
using testing::ProtoObject;

// What a tree says, so that two can be compared: members by name, without those that are null or an empty list. Lists
// that are empty are not there in protobuf, and JSON has null where there is none.
std::string Shown(const Node& node) {
  switch (node.type()) {
    case NodeType::kAbsent:
    case NodeType::kNull: return "null";
    case NodeType::kPruned: return "...";
    case NodeType::kBool: return *node.Bool() ? "true" : "false";
    case NodeType::kNumber: return std::string(node.text());
    case NodeType::kString: return "\"" + std::string(node.text()) + "\"";
    case NodeType::kArray: {
      std::string out = "[";
      for (const Node& one : node) out += Shown(one) + ",";
      return out + "]";
    }
    case NodeType::kObject: break;
  }
  std::vector<std::string> members;
  for (const Node& one : node) {
    std::string value = Shown(one);
    if (value != "null" && value != "[]") members.push_back(std::string(one.key()) + ":" + std::move(value));
  }
  std::sort(members.begin(), members.end());
  std::string out = "{";
  for (const std::string& member : members) out += member + "\n";
  return out + "}";
}

std::string FirstDifference(const std::string& a, const std::string& b) {
  const auto at = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  const std::size_t begin = at < 80 ? 0 : at - 80;
  return "JSON: ..." + a.substr(begin, 160) + "\nprotobuf: ..." + b.substr(begin, 160);
}

const std::string kShop = ProtoBytes(1, ProtoBytes(1, "shop") + ProtoBytes(2, "") + ProtoBytes(6, "7"));

TEST(KubernetesProtobuf, IsReadAsJsonIs) {
  Tree tree;
  ASSERT_TRUE(ParseProtobufEvent(ProtoEvent("ADDED", ProtoObject("v1", "Namespace", kShop)), tree).ok());
  EXPECT_EQ(Shown(tree.root()),
            "{object:{apiVersion:\"v1\"\nkind:\"Namespace\"\nmetadata:{name:\"shop\"\nresourceVersion:\"7\"\n}\n}\n"
            "type:\"ADDED\"\n}");
}

TEST(KubernetesProtobuf, AListIsReadAnItemAtATime) {
  Tree head, item;
  std::vector<std::string> names;
  const std::string list = ProtoBytes(1, ProtoBytes(2, "41") + ProtoBytes(3, "next")) + ProtoBytes(2, kShop) +
                           ProtoBytes(2, ProtoBytes(1, ProtoBytes(1, "blog")));
  ASSERT_TRUE(ParseProtobufList(ProtoObject("v1", "NamespaceList", list), head, item, [&](const Node& one) {
                names.emplace_back(one["metadata"]["name"].text());
              }).ok());
  EXPECT_EQ(names, (std::vector<std::string>{"shop", "blog"}));
  EXPECT_EQ(head.root()["metadata"]["resourceVersion"].text(), "41");
  EXPECT_EQ(head.root()["metadata"]["continue"].text(), "next");
  EXPECT_EQ(head.root()["items"].size(), 0u);
}

TEST(KubernetesProtobuf, AFieldOfANewerServerIsNamedAndNotPassedOver) {
  Tree tree;
  const std::string container = ProtoBytes(1, "app") + ProtoBytes(250, "new");
  const Status status = ParseProtobufObject(
      ProtoObject("apps/v1", "Deployment", ProtoBytes(2, ProtoBytes(3, ProtoBytes(2, ProtoBytes(2, container))))),
      tree);
  EXPECT_EQ(status.message(), "protobuf: spec.template.spec.containers: field 250 unknown");
}

TEST(KubernetesProtobuf, WhatIsWrongIsAnErrorThatSaysWhere) {
  Tree tree;
  const auto error = [&](const std::string& bytes) { return ParseProtobufObject(bytes, tree).message(); };
  EXPECT_EQ(error(""), "protobuf: no object");
  EXPECT_EQ(error("{}"), "protobuf: no object");
  EXPECT_EQ(error(ProtoObject("v1", "Secret", "")), "protobuf: v1 Secret unknown");
  EXPECT_EQ(error(ProtoObject("v1", "Namespace", "\x0a")), "protobuf: malformed");
  EXPECT_EQ(error(ProtoObject("v1", "Namespace", ProtoBytes(1, ProtoBytes(1, "\xff")))),
            "protobuf: metadata.name: not UTF-8");
  EXPECT_EQ(error(ProtoObject("v1", "Namespace", ProtoBytes(1, ProtoNumber(1, 3)))),
            "protobuf: metadata.name: malformed");
  EXPECT_NE(error(ProtoObject("v1", "Namespace", kShop + kShop)), "") << "metadata twice";
  EXPECT_NE(ParseProtobufEvent(ProtoObject("v1", "Namespace", kShop), tree).message(), "");
  Tree item;
  EXPECT_NE(ParseProtobufList(ProtoObject("v1", "Namespace", kShop), tree, item, [](const Node&) {}).message(), "");
}

// Any bytes are safe: each text cut off at each place, and each byte of it turned.
TEST(KubernetesProtobuf, NoBytesAreTooMuch) {
  Tree tree;
  const std::string whole = ProtoEvent(
      "MODIFIED",
      ProtoObject("v1", "Pod",
                  kShop + ProtoBytes(3, ProtoBytes(1, "Running") + ProtoBytes(7, ProtoNumber(1, 1'700'000'000)))));
  ASSERT_TRUE(ParseProtobufEvent(whole, tree).ok());
  EXPECT_EQ(tree.root()["object"]["status"]["startTime"].text(), "2023-11-14T22:13:20Z");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    (void)ParseProtobufEvent(whole.substr(0, i), tree);
    for (const int turned : {1, 0x80, 0xff}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ turned);
      (void)ParseProtobufEvent(changed, tree);
    }
  }
}

// ---- against upstream's own encoding (tests/api/upstream/fetch.sh)

class KubernetesProtobufUpstream : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("SEAWORTHY_API_SAMPLES");
    if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "SEAWORTHY_API_SAMPLES is not set";
    folder_ = folder;
  }
  static std::string Read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  // Whether both are one object; names what differs.
  void Compare(const std::string& json, const std::string& protobuf, const std::string& what) {
    ASSERT_TRUE(support::ParseJson(json, json_).ok()) << what;
    const Status status = ParseProtobufObject(protobuf, tree_);
    ASSERT_TRUE(status.ok()) << what << ": " << status.message();
    const std::string a = Shown(json_.root()), b = Shown(tree_.root());
    EXPECT_TRUE(a == b) << what << "\n" << FirstDifference(a, b);
    ++compared_;
  }

  std::filesystem::path folder_;
  Tree json_, tree_;
  std::size_t compared_ = 0;
};

TEST_F(KubernetesProtobufUpstream, ItsSamplesOfAllVersionsAreReadAlike) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "upstream")) {
    if (entry.path().extension() != ".pb" || entry.path().stem().extension() == ".after_roundtrip") continue;
    const std::string json = Read(std::filesystem::path(entry.path()).replace_extension(".json"));
    ASSERT_TRUE(support::ParseJson(json, json_).ok()) << entry.path();
    if (!HasProtobuf(json_.root()["apiVersion"].text(), json_.root()["kind"].text())) continue;
    // What samples of an older version have in a file beside them is what a newer one reads.
    std::filesystem::path newer = entry.path();
    newer.replace_extension(".after_roundtrip.json");
    const std::string protobuf = Read(entry.path());
    // An alpha field may be taken back: its kind is read as JSON then.
    const bool head = entry.path().parent_path().filename() == "HEAD";
    if (!head && ParseProtobufObject(protobuf, tree_).message().ends_with(" unknown")) continue;
    Compare(std::filesystem::exists(newer) ? Read(newer) : json, protobuf, entry.path().string());
  }
  EXPECT_GT(compared_, 100u);
}

TEST_F(KubernetesProtobufUpstream, RandomObjectsAreReadAlike) {
  const std::string all = Read(folder_ / "random.bin");
  std::size_t at = 0;
  const auto next = [&] {
    std::uint32_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(all.at(at++));
    at += size;
    return all.substr(at - size, size);
  };
  while (at < all.size()) {
    const std::string json = next(), protobuf = next();
    Compare(json, protobuf, "random object " + std::to_string(compared_));
    if (HasFailure()) return;
  }
  EXPECT_GT(compared_, 1000u);
}

TEST_F(KubernetesProtobufUpstream, TheTableIsWhatItsGeneratorWrites) {
  EXPECT_TRUE(Read(folder_ / "messages.inc") == Read(SEAWORTHY_SOURCE_DIR "/src/api/kubernetes_messages/messages.inc"))
      << "in src/api/kubernetes_messages: go run . > messages.inc";
}

}  // namespace
}  // namespace seaworthy::api
