// No credential survives decoding. Instead of walking the projections field by field, which a new field would escape,
// this test watches every allocation that is made while decoding, and afterwards searches all memory that is still held
// for the planted words.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cache/decoding.h"

namespace {

// Live allocations while `watching`: open addressing, no allocation of its own, one thread.
class Heap {
 public:
  static constexpr std::size_t kSlots = std::size_t{1} << 18;

  void Add(void* block, std::size_t size) {
    if (!watching || count_ > kSlots / 2) return;
    std::size_t at = Slot(block);
    while (slots_[at].block != nullptr && slots_[at].block != Dead()) at = (at + 1) % kSlots;
    slots_[at] = {block, size};
    ++count_;
  }
  void Remove(void* block) {
    if (count_ == 0 || block == nullptr) return;
    for (std::size_t at = Slot(block); slots_[at].block != nullptr; at = (at + 1) % kSlots) {
      if (slots_[at].block != block) continue;
      slots_[at].block = Dead();
      return;
    }
  }
  // Live blocks that contain `word`.
  int Containing(std::string_view word) const {
    int found = 0;
    for (const Block& block : slots_) {
      if (block.block == nullptr || block.block == Dead()) continue;
      if (memmem(block.block, block.size, word.data(), word.size()) != nullptr) ++found;
    }
    return found;
  }
  void Clear() {
    slots_.fill({});
    count_ = 0;
  }

  bool watching = false;

 private:
  struct Block {
    void* block = nullptr;
    std::size_t size = 0;
  };
  static void* Dead() { return reinterpret_cast<void*>(std::uintptr_t{1}); }
  static std::size_t Slot(void* block) {
    return (reinterpret_cast<std::uintptr_t>(block) >> 4) * 0x9e3779b97f4a7c15ULL >> 46;
  }

  std::array<Block, kSlots> slots_;
  std::size_t count_ = 0;
};
constinit Heap heap;

}  // namespace

void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) std::abort();
  if (heap.watching) {
    std::memset(block, 0, size);  // what an earlier owner of the memory left there is not ours
    heap.Add(block, size);
  }
  return block;
}
void operator delete(void* block) noexcept {
  if (heap.watching) heap.Remove(block);
  std::free(block);
}
// All forms that can be mixed: a sanitizer has some of its own, and would call those a mismatch.
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { operator delete(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { operator delete(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { operator delete(block); }

namespace seaworthy::cache {
namespace {

constexpr std::string_view kCanary = "C4n4ryB1rd";

// A container with the canary in every place that a credential is known to hide in, and in some where it is not.
constexpr std::string_view kContainer = R"({"name":"app","image":"web:1",
  "env":[{"name":"DB_PASSWORD","value":"C4n4ryB1rd"},{"name":"PLAIN","value":"C4n4ryB1rd"},{"name":"URL","value":"postgres://u:C4n4ryB1rd@db/x"},
         {"name":"JAVA_OPTS","value":"-Xmx512m -Dpassword=C4n4ryB1rd"},{"name":"GOMEMLIMIT","value":"C4n4ryB1rdMiB"},
         {"name":"REF","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
  "command":["sh","-c","DB_PASSWORD=C4n4ryB1rd exec server --token C4n4ryB1rd; sleep C4n4ryB1rd; tail -f /C4n4ryB1rd"],
  "args":["--password=C4n4ryB1rd","--password","C4n4ryB1rd","-pC4n4ryB1rd","C4n4ryB1rd","redis://:C4n4ryB1rd@cache"],
  "readinessProbe":{"httpGet":{"path":"/x?token=C4n4ryB1rd","port":80,"httpHeaders":[{"name":"Authorization","value":"Bearer C4n4ryB1rd"}]}},
  "livenessProbe":{"exec":{"command":["mysqladmin","ping","-pC4n4ryB1rd"]}},
  "lifecycle":{"preStop":{"exec":{"command":["curl","-u","a:C4n4ryB1rd","http://x"]}},"postStart":{"exec":{"command":["C4n4ryB1rd"]}}}})";

constexpr std::string_view kAnnotations =
    R"({"example.com/password":"C4n4ryB1rd","seaworthy.dev/runbook":"https://u:C4n4ryB1rd@wiki/",
  "checksum/config":"C4n4ryB1rd","kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"apps/v1\",\"env\":\"C4n4ryB1rd\"}",
  "prometheus.io/path":"/metrics?password=C4n4ryB1rd"})";

std::string PodSpecJson() {
  return R"({"containers":[)" + std::string(kContainer) + R"(],"initContainers":[)" + std::string(kContainer) +
         R"(],"volumes":[{"name":"nfs","flexVolume":{"driver":"d","options":{"password":"C4n4ryB1rd"}}},
           {"name":"csi","csi":{"driver":"d","volumeAttributes":{"secret":"C4n4ryB1rd"}}}]})";
}
std::string Meta() {
  return R"("metadata":{"name":"web","namespace":"shop","annotations":)" + std::string(kAnnotations) +
         R"(,"managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{"f:template":{"C4n4ryB1rd":{}}}}}]})";
}

std::string ObjectJson(Kind kind) {
  const std::string tmpl =
      R"({"metadata":{"annotations":)" + std::string(kAnnotations) + R"(},"spec":)" + PodSpecJson() + "}";
  if (kind == Kind::kPod) {
    return "{" + Meta() + R"(,"spec":)" + PodSpecJson() +
           R"(,"status":{"message":"C4n4ryB1rd","containerStatuses":[{"name":"app","state":{"waiting":{"reason":"CreateContainerError",
             "message":"no route to redis://:C4n4ryB1rd@cache"}},"lastState":{"terminated":{"message":"C4n4ryB1rd"}}}]}})";
  }
  // One spec that any kind takes what it knows from.
  return "{" + Meta() + R"(,"spec":{"template":)" + tmpl + R"(,"jobTemplate":{"spec":{"template":)" + tmpl +
         R"(}},"csi":{"driver":"d","volumeAttributes":{"p":"C4n4ryB1rd"}}},
      "data":{"password":"C4n4ryB1rd"},"parameters":{"adminSecret":"C4n4ryB1rd"},"provisioner":"d","imagePullSecrets":[{"name":"x"}]})";
}

class Watch {
 public:
  Watch() {
    heap.Clear();
    heap.watching = true;
  }
  ~Watch() { heap.watching = false; }
};

TEST(Canary, TheSearchFindsWhatIsThere) {
  const Watch watch;
  const auto held = std::make_unique<std::string>("a text of some length with C4n4ryB1rd in it");
  EXPECT_EQ(heap.Containing(kCanary), 1);
}

TEST(Canary, SurvivesInNoProjection) {
  for (const KindInfo& info : KindTable()) {
    const bool is_audit = info.group == "audit.seaworthy.dev";
    const std::string json = ObjectJson(info.kind);  // not watched
    const Watch watch;
    TextPool pool;
    const auto decoder = MakeDecoder(pool);
    std::vector<ObjectPtr> objects;
    for (const std::uint32_t first_line : {0U, 1U}) {  // as the API gives it, and as a scan does
      support::Tree tree;
      ASSERT_TRUE(support::ParseJson(json, tree, first_line).ok()) << info.name;
      EXPECT_GT(heap.Containing(kCanary), 0);
      Result<ObjectPtr> object = decoder->Decode(info.kind, tree.root());
      ASSERT_TRUE(object.ok()) << object.status().message();
      objects.push_back(*std::move(object));
    }
    EXPECT_EQ(heap.Containing(kCanary), 0) << info.name << (is_audit ? " (an audit)" : "");
  }
}

TEST(Canary, LeavesItsFacts) {
  TextPool pool;
  const auto decoder = MakeDecoder(pool);
  support::Tree tree;
  ASSERT_TRUE(support::ParseJson(ObjectJson(Kind::kDeployment), tree).ok());
  Result<ObjectPtr> object = decoder->Decode(Kind::kDeployment, tree.root());
  ASSERT_TRUE(object.ok());
  const auto& web = static_cast<const Workload&>(**object);
  EXPECT_EQ(web.credentials.size(), 1U);  // the runbook's, of the object and of its template alike
  std::string where;
  for (const CredentialFact& fact : web.spec->containers[1]->credentials) where += fact.where.str() + " ";
  EXPECT_EQ(where, "env[DB_PASSWORD] env[URL] env[JAVA_OPTS] command[2] args[0] args[2] args[5] ");
}

TEST(Canary, IsInNoErrorMessage) {
  TextPool pool;
  const auto decoder = MakeDecoder(pool);
  for (std::string_view json : {
           R"({"metadata":{"name":"web"},"spec":{"replicas":"C4n4ryB1rd","template":{}}})",
           R"({"metadata":{"name":"web"},"spec":"C4n4ryB1rd"})",
           R"({"metadata":{"name":"web"},"spec":{"template":"C4n4ryB1rd"}})",
           R"({"metadata":{"name":"web"},"spec":{"template":{"spec":{"containers":["C4n4ryB1rd"]}}}})",
           R"({"metadata":{"name":"web","labels":"C4n4ryB1rd"},"spec":{}})",
           R"({"metadata":"C4n4ryB1rd"})",
           R"("C4n4ryB1rd")",
       }) {
    support::Tree tree;
    ASSERT_TRUE(support::ParseJson(json, tree).ok());
    const Result<ObjectPtr> object = decoder->Decode(Kind::kDeployment, tree.root());
    ASSERT_FALSE(object.ok()) << json;
    EXPECT_EQ(object.status().message().find(kCanary), std::string::npos) << object.status().message();
  }
}

}  // namespace
}  // namespace seaworthy::cache
