# Makes a manual page of its source: a line "@options PROGRAM [COMMAND]" becomes the options as
# PROGRAM's own --help tells them, @VERSION@ the version, so that neither is written twice.
# awk -v bin=FOLDER -v version=VERSION -f man.awk SOURCE

function roff(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  return text
}

# names: "  -l,--listen ADDRESS=127.0.0.1:7007 ..."
function option(names, what,    words, initial) {
  gsub(/^ +| *\.\.\.$| +$/, "", names)
  if (match(names, /=.*/)) {
    initial = substr(names, RSTART + 1)
    names = substr(names, 1, RSTART - 1)
    what = what " [" initial "]"
  }
  split(roff(names), words, " ")
  gsub(/,/, "\\fR, \\fB", words[1])
  print ".TP"
  print "\\fB" words[1] "\\fR" (words[2] ? " \\fI" words[2] "\\fR" : "")
  print "\\&" roff(what)
}

# CLI11 writes what an option does from column 31 on, on a line of its own if the names are long.
function options(command,    line, names) {
  while ((command | getline line) > 0) {
    if (names && match(line, /[^ ]/) == 31) {
      option(names, substr(line, 31))
      names = ""
      continue
    }
    if (names) option(substr(names, 1, 30), substr(names, 31))
    names = line ~ /^ +-/ ? line : ""
  }
  if (names) option(substr(names, 1, 30), substr(names, 31))
  if (close(command) != 0) exit failed = 1
}

$1 == "@options" { options(bin "/" $2 " " $3 " --help"); next }
{ gsub(/@VERSION@/, version); print }
END { exit failed }
