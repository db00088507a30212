# shellcheck shell=bash
# Completion of PROGRAM for bash. cmake/completion.cmake puts the program's name in, and its option
# table: its commands, the options of each, and what the value of each option is.
declare -gA _PROGRAM_table=()

_PROGRAM() {
  # shellcheck disable=SC2034 # split is _init_completion's
  local cur prev words cword split command='' commands=${_PROGRAM_table[commands]} value=''
  _init_completion -s -n : || return
  if [[ $commands && $cword -gt 1 && ${words[1]} != -* ]]; then
    command=${commands%% *} # PROGRAM ADDR is short for its first command
    [[ " $commands " != *" ${words[1]} "* ]] || command=${words[1]}
  fi

  [[ $prev != -* ]] || value=${_PROGRAM_table[$command $prev]-}
  case $value in
    FILE) _filedir ;;
    USER) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
    'one of '*) mapfile -t COMPREPLY < <(compgen -W "${value#one of }" -- "$cur") ;;
    ?*) ;; # nothing to offer
    *)
      if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "${_PROGRAM_table[options $command]}" -- "$cur")
      elif [[ $commands && ! $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
      elif [[ ${_PROGRAM_table[$command FILE]+set} ]]; then
        _filedir
      fi
      ;;
  esac
} && complete -F _PROGRAM PROGRAM
