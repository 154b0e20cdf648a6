#include "wiring/manifests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cache/decode.h"
#include "seaworthy/kind.h"
#include "seaworthy/workload.h"
#include "wiring/manifest_reader.h"

namespace seaworthy::wiring {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ManifestsTest : public testing::Test {
 protected:
  ManifestsTest() {
    std::string name = (fs::temp_directory_path() / "seaworthy-manifests-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ManifestsTest() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, std::string_view text) {
    const fs::path path = fs::path(folder_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  const LoadedManifests& Load(const std::vector<std::string>& paths) {
    loaded_ = LoadManifests(paths, *decoder_, options_);
    return loaded_;
  }
  // "Kind namespace/name file:line", files without the test's folder.
  std::vector<std::string> Objects() const {
    std::vector<std::string> all;
    for (const ObjectPtr& object : loaded_.objects) {
      all.push_back(std::string(Info(object->kind).name) + " " + object->meta.namespace_.str() + "/" +
                    object->meta.name.str() + " " +
                    Short(loaded_.files.at(static_cast<std::size_t>(object->source.file))) + ":" +
                    std::to_string(object->source.line));
    }
    return all;
  }
  std::vector<std::string> Errors() const {
    std::vector<std::string> all;
    for (const LoadError& error : loaded_.errors)
      all.push_back(Short(error.file) + ":" + std::to_string(error.line) + ": " + error.message);
    return all;
  }
  std::vector<std::string> Notes() const {
    std::vector<std::string> all;
    for (const LoadNote& note : loaded_.notes) {
      all.push_back(std::to_string(note.count) + " " + Short(note.file) + ":" + std::to_string(note.line) + " " +
                    note.message);
    }
    return all;
  }
  std::string Short(const std::string& path) const {
    return path.starts_with(folder_ + "/") ? path.substr(folder_.size() + 1) : path;
  }

  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  LoadOptions options_;
  LoadedManifests loaded_;
  std::string folder_;
};

std::string Namespace(std::string_view name) {
  return "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + std::string(name) + "}\n";
}

TEST_F(ManifestsTest, ReadsDocumentsWithTheirLines) {
  const std::string file =
      Write("all.yaml", "# a comment\n---\n" + Namespace("a") + "---\n" + Namespace("b") + "---\n---\n# nothing\n");
  Load({file});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /a all.yaml:3", "Namespace /b all.yaml:7"));
  EXPECT_THAT(Errors(), IsEmpty());
  EXPECT_THAT(Notes(), IsEmpty());
}

TEST_F(ManifestsTest, ReadsFoldersInOrder) {
  Write("b.yaml", Namespace("b"));
  Write("a/z.yml", Namespace("z"));
  Write("a/y.json", R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"y"}})");
  Write("c.txt", Namespace("c"));
  Write("README.md", "# not yaml: [");
  Write(".git/config.yaml", Namespace("git"));
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /y a/y.json:1", "Namespace /z a/z.yml:1", "Namespace /b b.yaml:1"));
  // A file that is named is read whatever it is called, and each file once.
  Load({folder_ + "/c.txt", folder_ + "/b.yaml", folder_ + "/", folder_ + "/b.yaml"});
  EXPECT_THAT(loaded_.files, testing::SizeIs(4));
  EXPECT_THAT(Objects()[0], HasSubstr("Namespace /c c.txt:1"));
}

TEST_F(ManifestsTest, OpensLists) {
  Write("list.yaml", R"(apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata: {name: a}
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: v1, kind: Namespace, metadata: {name: b}}
- {apiVersion: v1, kind: Namespace, metadata: {name: c}}
---
apiVersion: apps/v1
kind: DeploymentList
items:
- metadata: {name: web, namespace: shop}
  spec: {template: {spec: {containers: [{name: app}]}}}
)");
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /a list.yaml:4", "Namespace /b list.yaml:10",
                                     "Namespace /c list.yaml:11", "Deployment shop/web list.yaml:16"));
  EXPECT_EQ(static_cast<const Workload&>(*loaded_.objects[3]).spec->containers[0]->line, 17U);
}

TEST_F(ManifestsTest, KnowsTheLinesOfFields) {
  const std::string deployment =
      "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
      "  replicas: 1\n  template: {spec: {containers: [\n    {name: app, image: x}]}}\n";
  Write("a.yaml", Namespace("a") + deployment);
  Write("b.json",
        "{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": [\n{\"apiVersion\": \"v1\", \"kind\":\n\"Service\", "
        "\"metadata\": {\"name\": \"web\"},\n\"spec\": {\n\"selector\": {}}}]}");
  Load({folder_});
  EXPECT_EQ(loaded_.lines.LineOf({0, 5}, "spec.replicas"), 5U) << "not asked for";
  options_.lines = true;
  for (const std::size_t part : {std::size_t{1}, std::size_t{4096}}) {
    options_.part_bytes = part;
    Load({folder_});
    ASSERT_THAT(Objects(), ElementsAre("Namespace /a a.yaml:1", "Deployment /web a.yaml:5", "Service /web b.json:2"));
    EXPECT_EQ(loaded_.lines.LineOf(loaded_.objects[0]->source, "metadata.name"), 3U);
    EXPECT_EQ(loaded_.lines.LineOf(loaded_.objects[1]->source, "spec.replicas"), 9U);
    EXPECT_EQ(loaded_.lines.LineOf(loaded_.objects[1]->source, "spec.template.spec.containers[name=app].image"), 11U);
    EXPECT_EQ(loaded_.lines.LineOf(loaded_.objects[2]->source, "spec.selector"), 5U);
  }
}

TEST_F(ManifestsTest, ReadsJson) {
  Write("a.json",
        "{\n \"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n  "
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}]}\n"
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"b\"}}\n");
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /a a.json:3", "Namespace /b a.json:4"));
}

TEST_F(ManifestsTest, PassesOverWhatIsNotForIt) {
  Write("a.yaml", Namespace("a") +
                      "---\napiVersion: v1\nkind: Secret\nmetadata: {name: c}\n---\napiVersion: v1\nkind: "
                      "Secret\nmetadata: {name: d}\n");
  Write("b.yaml", "---\nname: CI\non: [push]\njobs: {}\n");
  Write("docker-compose.yaml", "services: {web: {image: x}}\n");
  Write("kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n");
  Write("old.yaml",
        "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n---\napiVersion: "
        "scheduling.k8s.io/v1beta1\nkind: PriorityClass\nmetadata: {name: web}\n");
  Write("scalar.yaml", "just a text\n");
  Write("sequence.yaml", "- a\n- b\n");
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /a a.yaml:1", "PodDisruptionBudget /web old.yaml:1"));
  EXPECT_THAT(Errors(), IsEmpty());
  EXPECT_THAT(
      Notes(),
      ElementsAre("4 b.yaml:2 no apiVersion and kind: not a Kubernetes object",
                  "1 kustomization.yaml:1 kustomize.config.k8s.io/v1beta1 Kustomization: no check reads this kind",
                  "1 old.yaml:1 policy/v1beta1 PodDisruptionBudget: a version that Kubernetes 1.25 has removed, read "
                  "as policy/v1",
                  "1 old.yaml:5 scheduling.k8s.io/v1beta1 PriorityClass: a version that is not read; write it in a "
                  "version that Kubernetes serves",
                  "2 a.yaml:5 v1 Secret: no check reads this kind"));
}

TEST_F(ManifestsTest, PassesOverHelmCharts) {
  Write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\n");
  Write("charts/web/values.yaml", "replicas: 1\n");
  Write("charts/web/templates/web.yaml", "kind: {{ .Values.kind }}\n");
  Write("plain.yaml", Namespace("a"));
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /a plain.yaml:1"));
  EXPECT_THAT(Errors(), IsEmpty());
  ASSERT_EQ(loaded_.notes.size(), 1U);
  EXPECT_THAT(loaded_.notes[0].message, HasSubstr("helm template"));
  EXPECT_EQ(Short(loaded_.notes[0].file), "charts/web");
  // A template that is named is read, fails, and the message says why.
  Load({folder_ + "/charts/web/templates/web.yaml"});
  ASSERT_EQ(loaded_.errors.size(), 1U);
  EXPECT_THAT(loaded_.errors[0].message, HasSubstr("Helm template"));
}

TEST_F(ManifestsTest, DeliversWhatCanBeReadAndNamesTheRest) {
  Write("a.yaml", Namespace("a") + "---\nkey: [unclosed\n---\n" + Namespace("b") +
                      "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: many, "
                      "template: {}}\n---\n" +
                      Namespace("c"));
  Load({folder_, folder_ + "/missing.yaml"});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /a a.yaml:1", "Namespace /b a.yaml:7", "Namespace /c a.yaml:16"));
  const std::vector<std::string> errors = Errors();
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0], "missing.yaml:0: No such file or directory");
  EXPECT_THAT(errors[1], testing::MatchesRegex("a.yaml:[56]: did not .*"));
  EXPECT_EQ(errors[2], "a.yaml:11: Deployment web: spec.replicas: not a number");
}

TEST_F(ManifestsTest, TakesTheLaterOfTwoAndSaysSo) {
  Write("a.yaml", Namespace("a") + "---\n" + Namespace("b"));
  Write("b.yaml", Namespace("a"));
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /b a.yaml:5", "Namespace /a b.yaml:1"));
  ASSERT_EQ(loaded_.notes.size(), 1U);
  EXPECT_EQ(Notes()[0], "1 b.yaml:1 Namespace a is also in " + folder_ + "/a.yaml:1; the later one is audited");
}

TEST_F(ManifestsTest, FillsInTheDefaultNamespace) {
  Write("a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {}\n---\n" + Namespace("x") +
                      "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: other}\nspec: {}\n");
  Load({folder_});
  EXPECT_EQ(Objects()[0], "Service /web a.yaml:1");
  options_.default_namespace = pool_.Intern("shop");
  Load({folder_});
  EXPECT_THAT(Objects(),
              ElementsAre("Service shop/web a.yaml:1", "Namespace /x a.yaml:6", "Service other/web a.yaml:10"));
}

TEST_F(ManifestsTest, UsesAGeneratedNamesPrefix) {
  Write("a.yaml",
        "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\nspec: {template: {spec: {containers: "
        "[]}}}\n");
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Job /migrate- a.yaml:1"));
}

TEST_F(ManifestsTest, EndsOnLoopsOfLinks) {
  Write("a/b/x.yaml", Namespace("x"));
  fs::create_directory_symlink(folder_, fs::path(folder_) / "a" / "b" / "up");
  fs::create_symlink("x.yaml", fs::path(folder_) / "a" / "b" / "y.yaml");
  fs::create_symlink("nowhere", fs::path(folder_) / "a" / "z.yaml");
  fs::create_symlink("self.yaml", fs::path(folder_) / "a" / "self.yaml");
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /x a/b/x.yaml:1"));
  EXPECT_LE(loaded_.errors.size(), 1U);  // ELOOP of the link to itself
}

TEST_F(ManifestsTest, ReadsAMountedConfigMapOnce) {
  Write("..2026_11_01/web.yaml", Namespace("web"));
  fs::create_directory_symlink("..2026_11_01", fs::path(folder_) / "..data");
  fs::create_symlink("..data/web.yaml", fs::path(folder_) / "web.yaml");
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /web web.yaml:1"));
}

TEST_F(ManifestsTest, RefusesADocumentThatIsTooLarge) {
  options_.document_bytes = 10'000;
  Write("a.yaml", Namespace("a") + "---\nblob: \"" + std::string(20'000, 'x') + "\"\n---\n" + Namespace("b"));
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /a a.yaml:1", "Namespace /b a.yaml:7"));
  ASSERT_EQ(loaded_.errors.size(), 1U);
  EXPECT_EQ(Errors()[0], "a.yaml:4: a document of more than 10000 bytes");
}

TEST_F(ManifestsTest, RefusesAFileThatIsTooLarge) {
  options_.file_bytes = 1000;
  Write("a.yaml", std::string(2000, '#'));
  Write("b.yaml", Namespace("b"));
  Load({folder_});
  EXPECT_THAT(Errors(), ElementsAre("a.yaml:0: larger than 1000 bytes"));
  EXPECT_THAT(Objects(), ElementsAre("Namespace /b b.yaml:1"));
}

TEST_F(ManifestsTest, StreamsAListThatIsTooLargeForADocument) {
  options_.document_bytes = 10'000;
  std::string list = R"({"apiVersion":"v1","kind":"List","items":[)";
  for (int i = 0; i < 1000; ++i) {
    list += std::string(i == 0 ? "" : ",") + R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n)" +
            std::to_string(i) + R"("}})";
  }
  Write("a.json", list + "]}");
  Load({folder_});
  EXPECT_EQ(loaded_.objects.size(), 1000U);
  EXPECT_THAT(Errors(), IsEmpty());
  Write("a.json", list);  // cut off
  Load({folder_});
  EXPECT_THAT(loaded_.objects, IsEmpty());
  ASSERT_EQ(loaded_.errors.size(), 1U);
  EXPECT_THAT(loaded_.errors[0].message, HasSubstr("more than 10000 bytes"));
}

TEST_F(ManifestsTest, GivesTheSameForAnyNumberOfThreads) {
  std::string large;
  for (int i = 0; i < 500; ++i) {
    large +=
        "---\n# " + std::string(static_cast<std::size_t>(i % 7) * 10, 'x') + "\n" + Namespace("n" + std::to_string(i));
    if (i % 50 == 7) large += "---\nbroken: [\n";
    if (i % 50 == 9) large += "---\napiVersion: v1\nkind: Secret\n";
  }
  Write("large.yaml", large);
  for (int i = 0; i < 30; ++i) Write("f" + std::to_string(i) + ".yaml", Namespace("f" + std::to_string(i)));
  options_.threads = 1;
  options_.part_bytes = std::size_t{1} << 30;
  Load({folder_});
  const auto objects = Objects(), errors = Errors(), notes = Notes();
  EXPECT_EQ(objects.size(), 530U);
  EXPECT_EQ(errors.size(), 10U);
  for (const unsigned threads : {1U, 2U, 8U}) {
    for (const std::size_t part : {std::size_t{1}, std::size_t{200}, std::size_t{4096}}) {
      options_.threads = threads;
      options_.part_bytes = part;
      Load({folder_});
      EXPECT_EQ(Objects(), objects);
      EXPECT_EQ(Errors(), errors);
      EXPECT_EQ(Notes(), notes);
    }
  }
}

TEST_F(ManifestsTest, ReadsAPipe) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << Namespace("piped"); });
  Load({pipe});
  writer.join();
  EXPECT_THAT(Objects(), ElementsAre("Namespace /piped pipe:1"));
  // In a folder it is not waited for.
  Load({folder_});
  EXPECT_THAT(loaded_.files, IsEmpty());
}

TEST_F(ManifestsTest, HasNothingToSayAboutNothing) {
  Load({});
  EXPECT_THAT(loaded_.files, IsEmpty());
  Write("empty.yaml", "");
  Load({folder_});
  EXPECT_THAT(loaded_.files, testing::SizeIs(1));
  EXPECT_THAT(Objects(), IsEmpty());
  EXPECT_THAT(Notes(), IsEmpty());
}

TEST_F(ManifestsTest, SurvivesHostileInput) {
  Write("deep.yaml", std::string(100'000, '['));
  Write("deep.json", "{\"a\":" + std::string(100'000, '['));
  Write("bomb.yaml",
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d "
        "[*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n");
  Write("binary.yaml", std::string("\x00\x01\xff\xfe\x80", 5));
  Write("utf16.yaml", std::string("\xff\xfe"
                                  "a\0p\0",
                                  6));
  Write("twice.yaml", "apiVersion: v1\napiVersion: v1\nkind: Namespace\n");
  Write("ok.yaml", Namespace("ok"));
  Load({folder_});
  EXPECT_THAT(Objects(), ElementsAre("Namespace /ok ok.yaml:1"));
  EXPECT_EQ(loaded_.errors.size(), 6U);
}

TEST(FindCuts, CutsAtSeparatorsOnly) {
  EXPECT_THAT(FindCuts("a\n---\nb\n---\nc\n", 1), ElementsAre(0, 2, 8));
  EXPECT_THAT(FindCuts("a\n---\nb\n---\nc\n", 1000), ElementsAre(0));
  EXPECT_THAT(FindCuts("a\n----\nb\n---x\n ---\n--- # c\n---", 1), ElementsAre(0, 19, 27));
  EXPECT_THAT(FindCuts("{\"a\":\n---\n}", 1), ElementsAre(0));
  EXPECT_THAT(FindCuts("%YAML 1.1\n---\na\n---\nb\n", 1), ElementsAre(0));
  EXPECT_THAT(FindCuts("a\n---\n%YAML 1.1\n---\nb\n", 1), ElementsAre(0));
  EXPECT_THAT(FindCuts("", 1), ElementsAre(0));
}

}  // namespace
}  // namespace seaworthy::wiring
