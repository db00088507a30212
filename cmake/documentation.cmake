# What is installed with a program, in a component of its own: its manual pages and its completion for
# bash, made whenever the program is, because they hold its option table.
function(add_documentation program)
  set(completion ${CMAKE_BINARY_DIR}/completion/${program})
  add_custom_command(TARGET ${program} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -D program=$<TARGET_FILE:${program}>
      -D source=${CMAKE_SOURCE_DIR}/scripts/completion.bash -D made=${completion}
      -P ${CMAKE_SOURCE_DIR}/cmake/completion.cmake
    VERBATIM)
  set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS
    ${CMAKE_SOURCE_DIR}/scripts/completion.bash ${CMAKE_SOURCE_DIR}/cmake/completion.cmake
    ${CMAKE_SOURCE_DIR}/cmake/option_table.cmake)
  install(FILES ${completion}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT ${program})
  foreach(page ${ARGN})
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/man/${page})
    set(made ${CMAKE_BINARY_DIR}/man/${page})
    string(REGEX MATCH "[0-9]$" section ${page})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
    add_custom_command(TARGET ${program} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -D bin=$<TARGET_FILE_DIR:${program}> -D version=${PROJECT_VERSION}
        -D source=${source} -D made=${made} -P ${CMAKE_SOURCE_DIR}/cmake/manual_page.cmake
      COMMAND gzip -9nf ${made}
      VERBATIM)
    set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS
      ${source} ${CMAKE_SOURCE_DIR}/cmake/manual_page.cmake
      ${CMAKE_SOURCE_DIR}/cmake/option_table.cmake)
    install(FILES ${made}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${program})
  endforeach()
endfunction()
