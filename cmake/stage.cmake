# seaworthy_stage(name LIBS ...): the static library seaworthy_<name> from src/<name>/**/*.cc (wiring: all but main.cc).
# seaworthy_test(name LABEL label SOURCES ... LIBS ...): one GoogleTest executable, each of its tests a ctest entry with that label.

function(seaworthy_target_flags target)
  target_link_libraries(${target} PRIVATE seaworthy_warnings seaworthy_sanitizers seaworthy_hardening)
endfunction()

# With SEAWORTHY_PRECOMPILE: what most files of the target include. Off where builds are cached: a cache can do little with a precompiled header
# of another folder.
function(seaworthy_precompile target)
  if(SEAWORTHY_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

function(seaworthy_stage name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "src/wiring/main\\.cc$")
  add_library(seaworthy_${name} STATIC ${sources})
  target_include_directories(seaworthy_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(seaworthy_${name} PUBLIC ${ARG_LIBS})
  seaworthy_target_flags(seaworthy_${name})
  if(NOT name MATCHES "^(support|vocabulary)$")
    seaworthy_precompile(seaworthy_${name} <algorithm> <functional> <map> <string> <unordered_map> <vector> ${CMAKE_SOURCE_DIR}/include/seaworthy/check.h)
  endif()
endfunction()

function(seaworthy_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_LABEL)
    message(FATAL_ERROR "seaworthy_test(${name}): every test has a label")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock_main)
  target_compile_definitions(${name} PRIVATE SEAWORTHY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  seaworthy_target_flags(${name})
  seaworthy_precompile(${name} <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp> ${CMAKE_SOURCE_DIR}/include/seaworthy/check.h)
  # GoogleTest's assertions are an if and an else inside: `if (x) EXPECT_EQ(...)` is what it says.
  target_compile_options(${name} PRIVATE -Wno-dangling-else)
  # Found when ctest starts, not while building: a build is not a test run, and sanitizer builds list slowly.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${SEAWORTHY_TEST_SECONDS})
endfunction()
