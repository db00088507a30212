#!/usr/bin/env bash
# One load from several hosts, merged into one result, by GNU parallel over ssh:
#   scripts/fleet.sh HOST,HOST... ADDR [option of echoc load]... [-- option of echoc merge...]
# Connections, rate and count are totals of all hosts. The status is that of the merged result.
#   ECHOC    echoc on the hosts and here (echoc)
#   SSH      how to reach the hosts, with options: "ssh -p 2222 -i key" (ssh)
#   DELAY    seconds until all of them connect; more than it takes to log in everywhere (10)
#   RESULTS  a folder for the result of each host, share-1, share-2... (a temporary one)
set -euo pipefail
# Without lib.sh, which wants a clone that can be written.
[[ ${1-} != -h && ${1-} != --help ]] || exec sed -n '2,/^set/s/^# \?//p' "$0"

die() {
  echo "fleet.sh: $*" >&2
  exit 2
}

(($# >= 2)) || die "usage: fleet.sh HOST,HOST... ADDR [option of load]... [-- option of merge...]"
command -v parallel >/dev/null || die "GNU parallel is missing: apt-get install parallel"
hosts=$1
shift
load=()
while (($# > 0)) && [[ $1 != -- ]]; do
  load+=("$1")
  shift
done
(($# == 0)) || shift # the rest is for merge

IFS=, read -ra list <<<"$hosts"
count=${#list[@]}
echoc=${ECHOC:-echoc}
if [[ -n ${RESULTS:-} ]]; then
  folder=$RESULTS
  mkdir -p "$folder"
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
files=()
for ((i = 1; i <= count; ++i)); do files+=("$folder/share-$i"); done
rm -f "${files[@]}" "${files[@]/%/.err}"

# The hosts' clocks decide, so they must agree (NTP), or the merged report says how far apart the
# runs were. A host that fails leaves no result, which merge names.
start=$(($(date +%s) + ${DELAY:-10}))
command=$(printf '%q ' "$echoc" load "${load[@]}" -q --json - --start-at "@$start")
parallel --will-cite --ssh "${SSH:-ssh}" --sshlogin "$hosts" --jobs 1 -I ,part, \
  --results "$folder/share-,part," \
  "$command --share ,part,/$count --label \"\$PARALLEL_SSHHOST\"" \
  ::: $(seq "$count") </dev/null >/dev/null 2>"$folder/errors" || true
# What parallel says itself, and then what ssh and echoc said, which it only keeps.
cat "$folder/errors" >&2
for ((i = 1; i <= count; ++i)); do
  [[ ! -s $folder/share-$i.err ]] || sed "s/^/share $i: /" "$folder/share-$i.err" >&2
done

"$echoc" merge --expect "$count" "$@" "${files[@]}"
