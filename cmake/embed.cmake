# Makes files part of a program. embed_files(MADE.cpp HEADER NAMESPACE NAME=FILE...) adds the rule
# that makes a source with each file's bytes, behind the functions `std::string_view NAME()` that the
# header declares.
function(embed_files made header namespace)
  set(files "")
  foreach(entry IN LISTS ARGN)
    string(REGEX REPLACE "^[a-z_]+=" "" file "${entry}")
    list(APPEND files "${file}")
  endforeach()
  string(REPLACE ";" "|" entries "${ARGN}")
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed_bytes.cmake)
  add_custom_command(OUTPUT ${made}
    COMMAND ${CMAKE_COMMAND} -D made=${made} -D header=${header} -D namespace=${namespace}
      -D "entries=${entries}" -P ${script}
    DEPENDS ${files} ${script}
    VERBATIM)
endfunction()
