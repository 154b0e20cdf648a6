// The language against what Kubernetes says of the same expressions (expressions.txt), and its bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/cel/program.h"
#include "support/json.h"

namespace seaworthy::support::cel {
namespace {

using testing::HasSubstr;

std::string ReadFile(const std::string& name) {
  std::ifstream file(std::string(SEAWORTHY_SOURCE_DIR) + "/tests/support/cel/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string VerdictOf(const Evaluation& evaluation) {
  switch (evaluation.result) {
    case Evaluation::Result::kTrue: return "true";
    case Evaluation::Result::kFalse: return "false";
    case Evaluation::Result::kError: break;
  }
  return "error";
}

struct Answer {
  std::string verdict, why;
  std::size_t steps = 0;
};

Answer Ask(const std::string& expression, const std::string& json, const Limits& limits = {}) {
  Tree tree;
  EXPECT_TRUE(ParseJson(json, tree).ok());
  const Result<ProgramPtr> program = Compile(expression, {"object", "namespaceObject", "params"}, limits);
  if (!program.ok()) return {"refused", program.status().message()};
  const Node* const variables[] = {&tree.root(), &tree.root(), &tree.root()};
  const Evaluation evaluation = (*program)->Evaluate(variables);
  return {VerdictOf(evaluation), evaluation.error, evaluation.steps};
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Cel, SaysWhatKubernetesSays) {
  const std::string object = ReadFile("object.json");
  std::istringstream lines(ReadFile("expressions.txt"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#') || line.empty()) continue;
    const std::size_t blank = line.find(' ');
    const std::string wanted = line.substr(0, blank);
    std::string expression = line.substr(blank + 1);
    for (const std::string upstream : {"true", "false", "error", "refused"}) {
      const std::string mark = "(" + upstream + ") ";
      if (!expression.starts_with(mark) || upstream == wanted) continue;
      expression = expression.substr(mark.size());
      // It may know less than Kubernetes, never something else.
      EXPECT_TRUE(wanted == "refused" || wanted == "error") << line;
    }
    const Answer answer = Ask(expression, object);
    EXPECT_EQ(answer.verdict, wanted) << expression << "\n" << answer.why;
    ++count;
  }
  EXPECT_GT(count, 750U);
}

TEST(Cel, ComplainsWithLineAndColumn) {
  EXPECT_EQ(Ask("object.spec.replicas > least", "{}").why, "1:24: undeclared reference to 'least'");
  EXPECT_EQ(Ask("true &&\n  foo(1)", "{}").why, "2:3: undeclared reference to 'foo'");
  EXPECT_EQ(Ask("'ü' == x", "{}").why, "1:8: undeclared reference to 'x'");
  EXPECT_EQ(Ask("[1, 2", "{}").why, "1:6: expected ',', found '<end>'");
  EXPECT_EQ(Ask("1 + 2", "{}").why, "1:3: must evaluate to bool, not to int");
}

TEST(Cel, AnErrorSaysNothingOfTheValues) {
  EXPECT_EQ(Ask("int(object.secret) == 1", R"({"secret": "hunter2"})").why, "type conversion error");
  EXPECT_EQ(Ask("object.secret.x == 1", R"({"secret": "hunter2"})").why, "no such overload");
  EXPECT_EQ(Ask("object.labels['team'] == 'a'", R"({"labels": {}})").why, "no such key: team");
  EXPECT_EQ(Ask("object.secret", R"({"secret": "hunter2"})").why, "it gives no bool but a value of type string");
}

TEST(Cel, WhatIsNotKeptIsAnError) {
  const std::string object = "{\"env\": [{\"name\": \"A\", \"value\": \"" + std::string(kNotKept) + "\"}]}";
  EXPECT_EQ(Ask("object.env.all(e, e.name == 'A')", object).verdict, "true");
  EXPECT_EQ(Ask("object.env.all(e, has(e.value))", object).verdict, "true");
  for (const std::string expression :
       {"object.env.all(e, e.value != 'x')", "object.env[0] == object.env[0]", "'x' in object.env.map(e, e.value)",
        "object.env.exists(e, e.value.contains('kept'))", "object.env[0].?value.orValue('') == ''"}) {
    const Answer answer = Ask(expression, object);
    EXPECT_EQ(answer.verdict, "error") << expression;
    EXPECT_EQ(answer.why, "it reads a value that is not kept") << expression;
  }
  EXPECT_EQ(Ask("object.metadata.managedFields.size() >= 0 && "
                "object.metadata.managedFields[0].fieldsV1['f:spec']['f:template'] != 1",
                R"({"metadata": {"managedFields": [{"fieldsV1": {"f:spec": {"f:template": {"f:spec": {}}}}}]}})")
                .verdict,
            "error");
}

TEST(Cel, AVariableThatIsNotKnownIsAnErrorWhereItMatters) {
  Tree tree;
  ASSERT_TRUE(ParseJson("{}", tree).ok());
  const Node* const variables[] = {&tree.root(), nullptr};
  const auto evaluate = [&](const std::string& expression) {
    return (*Compile(expression, {"object", "namespaceObject"}))->Evaluate(variables);
  };
  EXPECT_EQ(evaluate("has(namespaceObject.metadata)").result, Evaluation::Result::kError);
  EXPECT_EQ(evaluate("has(namespaceObject.metadata) || true").result, Evaluation::Result::kTrue);
  EXPECT_TRUE((*Compile("namespaceObject == 1", {"object", "namespaceObject"}))->Reads(1));
  EXPECT_FALSE(
      (*Compile("object == 1 || [1].all(namespaceObject, namespaceObject == 1)", {"object", "namespaceObject"}))
          ->Reads(1));
}

TEST(Cel, RefusesWhatIsTooLarge) {
  EXPECT_THAT(Ask("true" + std::string(5000, ' '), "{}").why, HasSubstr("longer than 4096 bytes"));
  EXPECT_THAT(Ask(Repeated("(", 200) + "true" + Repeated(")", 200), "{}").why, HasSubstr("nested more than 64 deep"));
  EXPECT_THAT(Ask("[" + Repeated("1,", 2040) + "1].size() > 0", "{}").why, HasSubstr("too large"));
  EXPECT_THAT(Ask("1" + Repeated("+1", 100) + " > 0", "{}").why, HasSubstr("nested more than 64 deep"));
  EXPECT_EQ(Ask("true" + Repeated(" && true", 200), "{}").verdict, "true");
  EXPECT_THAT(Ask("[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))", "{}").why,
              HasSubstr("nested more than 3 deep"));
  EXPECT_EQ(Ask("[1].all(a, [1].all(b, [1].all(c, true))) && [1].all(a, true)", "{}").verdict, "true");
  // Long enough to be refused in any case, were it parsed at all.
  EXPECT_EQ(Ask(std::string(200'000, '('), "{}").verdict, "refused");
  EXPECT_EQ(Ask(std::string(4000, '!') + "true", "{}").verdict, "true");
  EXPECT_EQ(Ask(std::string(4000, '['), "{}").verdict, "refused");
}

TEST(Cel, EndsWhatTakesTooLong) {
  std::string list = "[0";
  for (int i = 1; i < 400; ++i) list += "," + std::to_string(i);
  const std::string object = "{\"list\": " + list + "]}";
  const Answer cubed = Ask("object.list.all(a, object.list.all(b, object.list.all(c, a + b + c >= 0)))", object);
  EXPECT_EQ(cubed.verdict, "error");
  EXPECT_EQ(cubed.why, "it takes more than 100000 steps");
  EXPECT_LT(cubed.steps, 200'000U);
  // Not to be had by the back door either.
  EXPECT_EQ(Ask("object.list.all(a, object.list.all(b, object.list.all(c, a + b + c >= 0))) || true", object).verdict,
            "error");
  EXPECT_EQ(Ask("object.list.all(a, a >= 0)", object).verdict, "true");
  EXPECT_EQ(Ask("lists.range(100000).size() > 0", object).why, "it makes too long a list");
  std::string doubling = "'0123456789abcdef'";
  for (int i = 0; i < 16; ++i) doubling = "[" + doubling + "].map(x, x + x)[0]";
  EXPECT_EQ(Ask(doubling + " == ''", object).verdict, "error");
  const std::string text = "{\"text\": \"" + std::string(200'000, 'a') + "\"}";
  EXPECT_EQ(Ask("[1,2,3,4,5].all(x, object.text.matches('(a|aa)+$'))", text).verdict, "error");
  EXPECT_EQ(Ask("object.text.replace('a', object.text).size() > 0", text).verdict, "error");
  EXPECT_EQ(Ask("object.text.split('').size() > 0", text).verdict, "error");
}

TEST(Cel, ExpressionsKeepNothingBetweenEvaluations) {
  const ProgramPtr program = *Compile("object.items.map(x, x + '!').join(',') == 'a!,b!'", {"object"});
  Tree tree;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(ParseJson(i == 1 ? R"({"items": ["c"]})" : R"({"items": ["a", "b"]})", tree).ok());
    const Node* const variables[] = {&tree.root()};
    EXPECT_EQ(VerdictOf(program->Evaluate(variables)), i == 1 ? "false" : "true");
  }
}

}  // namespace
}  // namespace seaworthy::support::cel
