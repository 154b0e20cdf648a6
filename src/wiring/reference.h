// The reference pages under docs/, made from what the code itself goes by: Check records, the table of metrics, the
// CRDs.
#pragma once

#include <string>
#include <string_view>

#include "seaworthy/check.h"
#include "seaworthy/result.h"

namespace seaworthy::wiring {

// "Deployment, StatefulSet": the classes of workloads that a check is about, or the short name of its subject.
std::string AppliesTo(const Check& check);
// The kinds that it reads, "Pod, Service".
std::string Reads(const Check& check);
std::string NumberText(double value);

std::string CheckReference(const Check& check);
std::string ChecksReference();
std::string MetricsReference();
// Of CustomResourceDefinitions in YAML. An error names the line.
Result<std::string> CrdReference(std::string_view yaml);

}  // namespace seaworthy::wiring
