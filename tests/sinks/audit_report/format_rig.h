// What the tests of the formats share: a small world, and what a format makes of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sinks/audit_report/report_options.h"
#include "sinks/testing/report_source.h"

namespace seaworthy::sinks::audit_report {

class FormatTest : public ::testing::Test {
 protected:
  FormatTest() {
    options_.generated_by = "seaworthy 0.1.0";
    options_.version = "0.1.0";
    options_.files = {"./web.yaml", "k8s/budgets.yaml"};
    options_.folder = "/repo";
    options_.line_of = [](const SourceRef& object, std::string_view path) {
      return object.line + (path.empty() ? 0U : 30U);
    };
  }
  // write(source, options, sink), such as WriteSarif.
  template <typename WriteFn>
  std::string Written(WriteFn write) const {
    std::string out;
    write(source_, options_, [&](std::string_view piece) { out += piece; });
    return out;
  }
  template <typename WriteFn>
  nlohmann::json WrittenJson(WriteFn write) const {
    const std::string out = Written(write);
    nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << out;
    return parsed;
  }
  Finding& Probe() { return source_.workloads[0].findings[0]; }

  testing::FixedSource source_ = testing::SmallWorld();
  ReportOptions options_;
};

// What strangers would write to break out of a format.
inline constexpr std::string_view kMarkup = "</script><img src=x onerror=alert(1)>]]>\"'&<!--";
inline constexpr std::string_view kControls = "a\r\n\x1b[31m\x01\xff\xe2\x80\xae\xef\xbf\xbf";

}  // namespace seaworthy::sinks::audit_report
