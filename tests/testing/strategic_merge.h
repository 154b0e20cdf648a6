// Strategic merge as kubectl and the API server do it for the lists that our patches touch; for tests that apply a fix.
#pragma once

#include <nlohmann/json.hpp>

namespace seaworthy::testing {

void StrategicMerge(nlohmann::json& target, const nlohmann::json& patch, std::string_view field = {});

}  // namespace seaworthy::testing
