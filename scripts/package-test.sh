#!/usr/bin/env bash
# Makes the packages and tests them in a Debian of their own, which boots with systemd in a container
# without a network: installs, upgrades and purges them. Needs root. scripts/package-test.sh
# shellcheck source=scripts/lib.sh
source "$(dirname "$(readlink -f "$0")")/lib.sh"
usage_if_asked "$@"
((EUID == 0)) || exec sudo -- "$(readlink -f "$0")"

need build package package-test
cd "$root"
scripts/package.sh
work=$(mktemp -d)
container='' cgroups=()
trap clean_up EXIT
trap 'exit 1' INT TERM
clean_up() {
  [[ -z $container ]] || { kill "$container" && wait "$container"; } 2>/dev/null || true
  for group in "${cgroups[@]}"; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  rm -rf "$work"
  chown -R --reference="$root" build # what root makes in a user's clone stays the user's
}

# The machine's own mirror. The archive in build/ is for the next run.
base=build/debian.tar
if [[ ! -e $base ]]; then
  say "making a minimal Debian (log: build/debian.log)"
  # shellcheck disable=SC2016 # the words are apt's
  apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' 'Component: main' >"$work/sources.list"
  logged debian mmdebstrap --variant=minbase --include=systemd-sysv '' "$base.new.tar" \
    "$work/sources.list"
  mv "$base.new.tar" "$base"
fi

# in_container COMMAND...: systemd-nspawn, also where no systemd runs that would clean up behind it.
in_container() {
  local options=()
  if [[ ! -d /run/systemd/system ]]; then
    options=(--register=no --keep-unit)
    for hierarchy in /sys/fs/cgroup/{systemd,unified,.}; do
      [[ -e $hierarchy/cgroup.procs ]] || continue
      cgroups+=("$hierarchy/echod-test.$$")
      mkdir -p "$hierarchy/echod-test.$$"
    done
  fi
  (
    for group in "${cgroups[@]}"; do echo "$BASHPID" >"$group/cgroup.procs"; done
    exec timeout --kill-after=30 600 systemd-nspawn --quiet --console=pipe \
      --directory "$work/debian" "${options[@]}" "$@"
  ) </dev/null >>build/package-test.log 2>&1 &
  container=$!
  wait "$container" || {
    cat build/package-test.log "$folder"/log* >&2 || true
    die "this failed in the container: $*"
  }
  container=''
}

lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs build/packages/*.deb
mkdir -p "$work/debian"
tar -xf "$base" -C "$work/debian"
folder=$work/debian/packages
mkdir "$folder" "$folder/next"
cp tests/packages/installed.sh build/packages/*.deb "$folder"
# Programs that need nothing but the C library, to try the alert rules.
cp "$(command -v prometheus)" "$(command -v promtool)" "$folder"
logged package cpack --config build/release/CPackConfig.cmake -D CPACK_DEBIAN_PACKAGE_RELEASE=2 \
  -B "$folder/next"
rm -r "$folder/next/_CPack_Packages"

say "testing the packages (log: build/package-test.log)"
: >build/package-test.log
in_container sh -c 'apt-get update && apt-get install -y --download-only /packages/*.deb logrotate'
in_container --boot --private-network systemd.run=/packages/installed.sh \
  systemd.run_success_action=exit systemd.run_failure_action=exit
say "the packages passed"
