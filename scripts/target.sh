# shellcheck shell=bash
# What the load scripts share; to be sourced behind lib.sh. `echoc` is the built client; `address`
# becomes the server to load: the one that is given as ADDR, or an echod on a port that the kernel
# picks, which ends with the script.
# shellcheck disable=SC2034,SC2154
echoc=$root/build/release/bin/echoc

# target [ADDR]
target() {
  need build
  build release echod echoc
  if (($#)); then
    address=$1
    return
  fi
  folder=$(mktemp -d)
  trap 'stop_target' EXIT
  "$root/build/release/bin/echod" --listen 127.0.0.1:0 --port-file "$folder/address" \
    --log-level warning 2>"$folder/log" &
  server=$!
  until [[ -s $folder/address ]]; do
    kill -0 "$server" 2>/dev/null || die "echod did not start: $(<"$folder/log")"
    sleep 0.05
  done
  address=$(head -n 1 "$folder/address")
}

stop_target() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "$folder"
}
