# A room is a folder of the house and a static library of the same name: add_room(server/core
# SOURCES ... PUBLIC ... PRIVATE ...). It links only what it stands on, and its unit tests link it
# alone, so that an include in the wrong direction does not link.
function(add_room name)
  cmake_parse_arguments(room "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  string(REPLACE "/" "_" target ${name})
  add_library(${target} STATIC ${room_SOURCES})
  target_link_libraries(${target} PUBLIC echo_flags ${room_PUBLIC} PRIVATE ${room_PRIVATE})
endfunction()
