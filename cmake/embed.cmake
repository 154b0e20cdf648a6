# seaworthy_embed(target OUT file HEADER header NAMESPACE namespace FILES name=file...): files of the source tree as constants `extern const std::string_view name` in one
# generated source of the target. With nothing but CMake; this file is also the script that the build runs for it.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\n")
  string(REPLACE "|" ";" pairs "${PAIRS}")
  foreach(pair IN LISTS pairs)
    string(REGEX MATCH "^([A-Za-z]+)=(.+)$" matched "${pair}")
    set(name ${CMAKE_MATCH_1})
    file(READ ${CMAKE_MATCH_2} content HEX)
    # As numbers: no content has to be quoted, and none is too long for a literal.
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," content "${content}")
    string(APPEND text "static constexpr char ${name}Bytes[] = {${content}};\nconstexpr std::string_view ${name} = {${name}Bytes, sizeof ${name}Bytes};\n\n")
  endforeach()
  string(APPEND text "}  // namespace ${NAMESPACE}\n")
  file(WRITE ${OUT} "${text}")
  return()
endif()

set(SEAWORTHY_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(seaworthy_embed target)
  cmake_parse_arguments(ARG "" "OUT;HEADER;NAMESPACE" "FILES" ${ARGN})
  set(depends "")
  foreach(pair IN LISTS ARG_FILES)
    string(REGEX REPLACE "^[A-Za-z]+=" "" file "${pair}")
    list(APPEND depends ${file})
  endforeach()
  list(JOIN ARG_FILES "|" pairs)
  add_custom_command(OUTPUT ${ARG_OUT} VERBATIM
    COMMAND ${CMAKE_COMMAND} "-DOUT=${ARG_OUT}" "-DHEADER=${ARG_HEADER}" "-DNAMESPACE=${ARG_NAMESPACE}" "-DPAIRS=${pairs}" -P ${SEAWORTHY_EMBED_SCRIPT}
    DEPENDS ${depends} ${SEAWORTHY_EMBED_SCRIPT})
  target_sources(${target} PRIVATE ${ARG_OUT})
endfunction()
