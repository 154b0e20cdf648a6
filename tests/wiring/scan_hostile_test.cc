// `seaworthy scan` on what is broken, enormous or malicious: a clear error with file and line, everything else audited,
// bounded memory and time, exit code 2.
#include <algorithm>

#include "wiring/testing/scan_rig.h"

namespace seaworthy::wiring {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::BadPod;
using testing::Ended;
using ::testing::HasSubstr;
using testing::kGoodCronJob;
using ::testing::Not;
using ::testing::StartsWith;

// A pod that stands beside the hostile input, to be audited whatever happens.
class HostileScanTest : public testing::ScanTest {
 protected:
  HostileScanTest() { Write("web.yaml", kGoodCronJob); }

  // Scans the folder; one error at `place` ("x.yaml:7"), on stderr and in the report, and `workloads` audited.
  void ExpectError(const std::string& place, const std::string& message, std::size_t workloads = 1) {
    const Ended ended = Scan({".", "-o", "json"});
    EXPECT_EQ(ended.code, 2) << ended.err;
    EXPECT_THAT(ended.err, StartsWith("seaworthy scan: ./" + place + ": "));
    EXPECT_THAT(ended.err, HasSubstr(message));
    ExpectBounded(ended);
    const json report = ended.Json();
    EXPECT_EQ(report["workloads"].size(), workloads);
    ASSERT_EQ(report["errors"].size(), 1U) << report["errors"];
    const json& error = report["errors"][0];
    const std::size_t colon = place.find(':');
    EXPECT_EQ(error["file"], "./" + place.substr(0, colon));
    EXPECT_EQ(error.value("line", 0), colon == std::string::npos ? 0 : std::stoi(place.substr(colon + 1)));
    EXPECT_THAT(error["message"], HasSubstr(message));
  }
  static void ExpectBounded(const Ended& ended) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose own memory would count
    EXPECT_LT(ended.peak_kib, std::max(300L * 1024, ended.peak_before_kib));
#else
    (void)ended;
#endif
  }
};

constexpr std::size_t k20Mb = 20'000'000;

std::string Repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_F(HostileScanTest, MalformedYaml) {
  Write("x.yaml", BadPod("before") + "---\na: 1\nb: [unclosed\n---\n" + BadPod("after"));
  ExpectError("x.yaml:15", "did not find expected", 3);
}

TEST_F(HostileScanTest, WrongTypes) {
  Write("x.yaml",
        "---\n\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: many, template: {}}\n");
  ExpectError("x.yaml:3", "Deployment x: spec.replicas: not a number");
}

TEST_F(HostileScanTest, DoubledKey) {
  Write("x.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}\nkind: Secret\n");
  ExpectError("x.yaml:5", "kind");
}

TEST_F(HostileScanTest, Tabs) {
  Write("x.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n");
  ExpectError("x.yaml:4", "tab");
}

TEST_F(HostileScanTest, Template) {
  Write("x.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-x\n");
  ExpectError("x.yaml:4", "this looks like a Helm template");
}

TEST_F(HostileScanTest, NoUtf8) {
  Write("x.yaml", "apiVersion: v1\n# caf\xe9\nkind: Pod\n---\n" + BadPod("after"));
  ExpectError("x.yaml:2", "UTF-8", 2);
}

TEST_F(HostileScanTest, Utf16) {
  Write("x.yaml", std::string("\xff\xfe"
                              "a\0:\0",
                              6));
  ExpectError("x.yaml:1", "UTF-16");
}

TEST_F(HostileScanTest, BinaryFile) {
  Write("x.yaml", std::string("\x7f"
                              "ELF\x02\x01\x01\0\0\0\xff\xfe",
                              12));
  ExpectError("x.yaml:1", "");
}

TEST_F(HostileScanTest, LineBreaksAndByteOrderMarkOfWindows) {
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : BadPod("first") + "---\n" + BadPod("second")) windows += c == '\n' ? "\r\n" : std::string(1, c);
  Write("x.yaml", windows);
  const Ended ended = Scan({"x.yaml", "-o", "json"});
  EXPECT_EQ(ended.code, 1) << ended.err;
  const json report = ended.Json();
  ASSERT_EQ(report["workloads"].size(), 2U);
  EXPECT_EQ(report["workloads"][1]["source"]["line"], 13);
  for (const json& finding : report["workloads"][1]["findings"]) {
    if (finding["check"] == "not-privileged") EXPECT_EQ(finding["line"], 23);
  }
}

TEST_F(HostileScanTest, DeepNesting) {
  for (const std::string& deep : {std::string(1'000'000, '['), Repeated("{a: ", 300'000), Repeated("- ", 500'000)}) {
    Write("x.yaml", deep + "\n---\n" + BadPod("after"));
    const Ended ended = Scan({".", "-o", "json"});
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err,
                AllOf(StartsWith("seaworthy scan: ./x.yaml:"), HasSubstr("is nested deeper than 64 levels")));
    EXPECT_EQ(ended.Json()["workloads"].size(), 2U);
    ExpectBounded(ended);
  }
}

TEST_F(HostileScanTest, AliasBomb) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'j'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i == 0 ? "" : ",") + "*" + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  Write("x.yaml", bomb + "---\n" + BadPod("after"));
  ExpectError("x.yaml:5", "aliases that expand to more than 10000 values", 2);
}

TEST_F(HostileScanTest, AliasOfItself) {
  Write("x.yaml", "a:\n- &a [*a]\n");
  ExpectError("x.yaml:2", "an alias inside its own anchor");
}

TEST_F(HostileScanTest, DocumentThatIsTooLarge) {
  Write("x.yaml", "a: 1\n---\nblob: \"" + std::string(k20Mb, 'x') + "\"\n---\n" + BadPod("after"));
  ExpectError("x.yaml:2", "a document of more than 16777216 bytes", 2);
}

TEST_F(HostileScanTest, DocumentOfTooManyValues) {
  std::string flow = "a: [";
  while (flow.size() < 8'000'000) flow += "1,";
  Write("x.yaml", flow + "]\n---\n" + BadPod("after"));
  ExpectError("x.yaml:1", "has more than 2000000 values", 2);
}

TEST_F(HostileScanTest, FileOfManyDocumentsIsNoProblem) {
  std::string text;
  std::size_t count = 0;
  while (text.size() < k20Mb) text += BadPod("p" + std::to_string(count++)) + "# " + std::string(1000, 'x') + "\n---\n";
  Write("x.yaml", text);
  const Ended ended = Scan({"x.yaml", "-o", "text", "-o", "json=/dev/null"});
  EXPECT_EQ(ended.code, 1);
  ExpectBounded(ended);
  EXPECT_THAT(ended.out, HasSubstr("  " + std::to_string(count) + " workloads, "));
}

TEST_F(HostileScanTest, LargeListOfJsonIsNoProblem) {
  std::string text = R"({"apiVersion":"v1","kind":"List","items":[)";
  std::size_t count = 0;
  while (text.size() < k20Mb) {
    text += std::string(count == 0 ? "" : ",") + R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p)" +
            std::to_string(count) + R"("},"spec":{"hostPID":true,"containers":[{"name":"app","args":[")" +
            std::string(2000, 'x') + R"("]}]}})";
    ++count;
  }
  text += "]}";
  const Ended ended = Scan({"-", "-o", "text", "-o", "json=/dev/null"}, text);
  EXPECT_EQ(ended.code, 1) << ended.err.substr(0, 1000);
  ExpectBounded(ended);
  EXPECT_THAT(ended.out, HasSubstr("  " + std::to_string(count) + " workloads, "));
}

TEST_F(HostileScanTest, FilesThatCannotBeRead) {
  // Opens, and fails when it is read; root, too, may not.
  const Ended ended = Scan({"web.yaml", "/proc/self/mem", "missing.yaml", "web.yaml/below.yaml", "-o", "json"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("seaworthy scan: /proc/self/mem: Input/output error\n"),
                               HasSubstr("seaworthy scan: missing.yaml: No such file or directory\n"),
                               HasSubstr("seaworthy scan: web.yaml/below.yaml: Not a directory\n")));
  EXPECT_EQ(ended.Json()["workloads"].size(), 1U);
  EXPECT_EQ(ended.Json()["errors"].size(), 3U);
  if (::geteuid() == 0) return;
  std::filesystem::permissions(Write("secret.yaml", BadPod("x")), std::filesystem::perms::none);
  EXPECT_THAT(Scan({"."}).err, HasSubstr("./secret.yaml: Permission denied"));
}

TEST_F(HostileScanTest, NamesThatSteerATerminal) {
  Write("\x1b[31m\xff\n.yaml",
        "apiVersion: v1\nkind: \"\\e[2J\"\n---\nkind: \"\\u202e\"\napiVersion: \"\\x07\"\n---\napiVersion: v1\nkind: "
        "Pod\n"
        "metadata: {name: \"\\e]0;x\\a\"}\nspec: {hostPID: true, containers: [{name: \"\\x9b31m\", image: "
        "\"\\u2066:latest\"}]}\n"
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"\\e[1m\"}\nspec: {replicas: \"\\e[1m\", "
        "template: {}}\n---\na: [\n");
  const Ended text = Scan({"."});
  EXPECT_EQ(text.code, 2);
  for (const std::string& printed : {text.out, text.err}) {
    EXPECT_THAT(printed, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\a")), Not(HasSubstr("\xc2\x9b")),
                               Not(HasSubstr("\xe2\x80\xae")), Not(HasSubstr("\xe2\x81\xa6")), Not(HasSubstr("\xff"))));
  }
  EXPECT_THAT(text.err, HasSubstr("seaworthy scan: ./[31m"));
  const json report = Scan({".", "-o", "json"}).Json();
  EXPECT_EQ(report["workloads"].size(), 2U);
  EXPECT_EQ(report["errors"].size(), 2U);
}

}  // namespace
}  // namespace seaworthy::wiring
