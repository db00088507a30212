# What the scripts that read a program's option table (--dump-options) share.

function(read_option_table program result)
  execute_process(COMMAND ${program} --dump-options
    OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${table}" PARENT_SCOPE)
endfunction()

# The indices of a JSON array: indices(result json [key...]).
function(indices result json)
  string(JSON length LENGTH "${json}" ${ARGN})
  set(list "")
  set(i 0)
  while(i LESS length)
    list(APPEND list ${i})
    math(EXPR i "${i} + 1")
  endwhile()
  set(${result} "${list}" PARENT_SCOPE)
endfunction()
