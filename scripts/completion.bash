# shellcheck shell=bash
# Completion of echod and echoc for bash. All of it comes from the programs themselves: commands and
# options from --help, the values of an option from its complaint about a wrong one.
_echod() {
  # shellcheck disable=SC2034 # split is _init_completion's
  local cur prev words cword split command='' commands help kind values
  _init_completion -s -n : || return
  help=$("$1" --help 2>/dev/null)
  commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$help")
  if [[ $commands && $cword -gt 1 && ${words[1]} != -* ]]; then
    command=${commands%%$'\n'*} # echoc ADDR is short for its first command
    [[ $'\n'$commands$'\n' != *$'\n'"${words[1]}"$'\n'* ]] || command=${words[1]}
    help=$("$1" "$command" --help 2>/dev/null)
  fi

  [[ $prev != -* ]] ||
    kind=$(sed -nE "s/^ +(-[^ ]*,)?$prev(,[^ ]*)? ([A-Z]+).*/\3/p" <<<"$help")
  case ${kind-} in
    FILE) _filedir ;;
    NAME) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
    ?*)
      values=$("$1" "${command:---check-config}" "$prev" '' 2>&1 |
        sed -n 's/.* is not one of \(.*\); see .*/\1/p')
      mapfile -t COMPREPLY < <(compgen -W "${values//,/}" -- "$cur")
      ;;
    *)
      if [[ $cur == -* ]]; then
        values=$(sed -nE 's/^ +(-[A-Za-z],)*(--[a-z-]+).*/\2/p' <<<"$help")
        mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
      elif [[ $commands && ! $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
      elif [[ $help == *$'\n  FILE REQUIRED'* ]]; then
        _filedir
      fi
      ;;
  esac
} && complete -F _echod echod echoc
