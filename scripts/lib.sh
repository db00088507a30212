# shellcheck shell=bash
# What the scripts share; to be sourced. `root` is the clone's folder, from wherever one calls.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# Debian's names; what a step needs stands here and nowhere else.
declare -A packages=(
  [build]="g++ cmake ninja-build pkg-config libasio-dev libspdlog-dev libcli11-dev
    libsystemd-dev nlohmann-json3-dev prometheus-cpp-dev
    libcpp-httplib-dev zlib1g-dev doctest-dev"
  [test]="netcat-openbsd strace iproute2 procps prometheus systemd util-linux
    bash-completion mandoc man-db python3 python3-yaml"
  [lint]="clang clang-format clang-tidy liburing-dev shellcheck"
  [reader]="default-jre-headless libhdrhistogram-java"
  [fuzz]="clang libclang-rt-dev"
  [package]="dpkg-dev file"
  [package-test]="lintian mmdebstrap systemd-container"
  [python]="python3"
  [bench]="libasio-doc golang-go liburing-dev socat ncat ucspi-tcp xinetd sockperf"
)

say() { echo "$*" >&2; }

die() {
  say "${0##*/}: $*"
  exit 1
}

# logged NAME COMMAND...: the output goes to build/NAME.log and is shown only if COMMAND fails.
logged() {
  local log=$root/build/$1.log
  shift
  "$@" </dev/null >"$log" 2>&1 && return
  tail -n 80 "$log" >&2
  die "this failed: $* (the whole output is in $log)"
}

# missing GROUP...: prints which of these packages are not installed.
missing() {
  command -v dpkg-query >/dev/null || die "this needs Debian or its like: there is no dpkg here"
  local group package installed
  installed=$(dpkg-query -W -f '${Package}:${db:Status-Status} ')
  for group in "$@"; do
    for package in ${packages[$group]}; do
      [[ " $installed" == *" $package:installed "* ]] || echo "$package"
    done
  done
}

# need GROUP...: installs what is missing of these packages; apt is not asked where nothing is.
need() {
  local list
  list=$(missing "$@")
  [[ -n $list ]] || return 0
  mapfile -t list <<<"$list"

  as_root=()
  if ((EUID != 0)); then
    sudo_works || die "packages are missing; as root: apt-get install ${list[*]}"
    as_root=(sudo)
  fi
  say "installing ${list[*]} (log: build/install.log)"
  logged install apt_install "${list[@]}"
}

# Asks for a password only where somebody is there to give it.
sudo_works() {
  command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [[ -t 2 ]] && sudo true; }; }
}

# Debian starts the services that it installs, and again after a boot, unless this program forbids
# it. The tests run a Prometheus of their own, and the benchmark an xinetd.
apt_install() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
  fi
  apt_get update && apt_get install --no-install-recommends "$@" || return
  [[ " $* " != *" prometheus "* ]] || "${as_root[@]}" systemctl -q disable prometheus.service
  [[ " $* " != *" xinetd "* ]] || "${as_root[@]}" update-rc.d xinetd disable
)

# apt-get can wait for dpkg's lock, but gives up at once on those of its lists and archives, which
# a machine that has just started often holds for its daily update.
apt_get() {
  local output give_up=$((SECONDS + 300))
  until output=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -qy \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" 2>&1); do
    if [[ $output != *'Could not get lock'* ]] || ((SECONDS > give_up)); then
      echo "$output"
      return 1
    fi
    sleep 2
  done
  echo "$output"
}

# build PRESET [TARGET...]: configures if need be and builds the targets, or all of them.
build() {
  local preset=$1
  shift
  (
    flock 9 # two scripts in one clone take turns
    configure "$preset"
    logged "$preset" cmake --build "$root/build/$preset" --target "${@:-all}"
  ) 9>"$root/build/.lock"
  # What root builds in a user's clone stays the user's.
  ((EUID != 0)) || chown -R --reference="$root" "$root/build"
}

configure() {
  local dir=$root/build/$1 home
  home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$dir/CMakeCache.txt" 2>/dev/null || true)
  # A clone that was moved or copied: every path in there is the old one.
  [[ -z $home || $home -ef $root ]] || rm -rf "$dir"
  [[ $dir/build.ninja -nt $root/CMakePresets.json ]] ||
    logged configure cmake -S "$root" --preset "$1"
}

{ mkdir -p "$root/build" && [[ -w $root/build ]]; } 2>/dev/null ||
  die "cannot write to $root/build, which must be this user's"
