# shellcheck shell=bash
# What the scripts share; to be sourced. `root` is the clone's folder, from wherever one calls.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# Debian's names; what a step needs stands here and nowhere else.
declare -A packages=(
  [build]="g++ cmake ninja-build pkg-config libasio-dev libspdlog-dev libcli11-dev
    libsystemd-dev nlohmann-json3-dev prometheus-cpp-dev
    libmicrohttpd-dev libtomlplusplus-dev zlib1g-dev libjs-chart.js doctest-dev"
  [test]="netcat-openbsd strace iproute2 procps prometheus systemd util-linux
    bash-completion haproxy mandoc man-db nftables python3 python3-yaml"
  [lint]="clang-19 clang-tidy-19 libclang-rt-19-dev clang-format liburing-dev shellcheck"
  [fleet]="parallel openssh-server"
  [reader]="default-jre-headless libhdrhistogram-java"
  [fuzz]="clang libclang-rt-dev"
  [package]="dpkg-dev file"
  [package-test]="lintian mmdebstrap prometheus systemd-container"
  [python]="python3"
  [coverage]="gcovr"
  [record]="termtosvg iproute2 util-linux"
  [ci]="sudo netcat-openbsd chromium-driver python3-selenium"
  [bench]="libasio-doc golang-go liburing-dev socat ncat ucspi-tcp xinetd sockperf python3-matplotlib"
)

say() { echo "$*" >&2; }

die() {
  say "${0##*/}: $*"
  exit 1
}

# usage_if_asked ARGUMENT...: for -h or --help prints the comment at the head of the script, and ends it.
usage_if_asked() {
  [[ ${1-} == -h || ${1-} == --help ]] || return 0
  sed -n '2,$ { /^# shellcheck/q; /^#/!q; s/^# \?//p }' "$0"
  exit 0
}

# logged NAME COMMAND...: the output goes to build/NAME.log and is shown only if COMMAND fails.
logged() {
  local log=$root/build/$1.log
  shift
  "$@" </dev/null >"$log" 2>&1 && return
  tail -n 80 "$log" >&2
  die "this failed: $* (the whole output is in $log)"
}

# missing GROUP...: prints which of these packages are not installed. One whose triggers are still to
# run is there (deb-triggers(5)): it is seen so while apt-get installs something else.
missing() {
  command -v dpkg-query >/dev/null || die "this needs Debian or its like: there is no dpkg here"
  local group package installed
  installed=$(dpkg-query -W -f '${Package}:${db:Status-Status} ')
  for group in "$@"; do
    for package in ${packages[$group]}; do
      [[ " $installed" =~ " $package:"(installed|triggers-(awaited|pending))" " ]] || echo "$package"
    done
  done
}

# need GROUP...: installs the missing packages and names them, by what they are for; apt is not asked
# if there are none.
need() {
  local list group group_list reasons=''
  list=$(missing "$@")
  [[ -n $list ]] || return 0
  mapfile -t list <<<"$list"
  for group in "$@"; do
    mapfile -t group_list < <(missing "$group")
    ((${#group_list[@]} == 0)) || reasons+="; for $group: ${group_list[*]}"
  done

  as_root=()
  if ((EUID != 0)); then
    sudo_works || die "packages are missing$reasons; as root: apt-get install ${list[*]}"
    as_root=(sudo)
  fi
  say "installing${reasons#;} (log: build/install.log)"
  logged install apt_install "${list[@]}"
}

# Asks for a password only where somebody is there to give it.
sudo_works() {
  command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [[ -t 2 ]] && sudo true; }; }
}

# Debian starts the services that it installs, and again after a boot, unless this program forbids
# it. The tests run a Prometheus and an sshd of their own, and the benchmark an xinetd.
apt_install() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
  fi
  apt_get update && apt_get install --no-install-recommends "$@" || return
  [[ " $* " != *" prometheus "* ]] || "${as_root[@]}" systemctl -q disable prometheus.service
  [[ " $* " != *" haproxy "* ]] || "${as_root[@]}" systemctl -q disable haproxy.service
  [[ " $* " != *" openssh-server "* ]] || "${as_root[@]}" systemctl -q disable ssh.service
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

# build PRESET [TARGET...]: configures if necessary and builds the targets, or all of them.
build() {
  local preset=$1
  shift
  (
    flock 9 # two scripts in one clone take turns
    if [[ -t 2 ]]; then
      say "building"
      configure "$preset"
      # Ninja has a line of progress for a terminal, and shows what fails.
      cmake --build "$root/build/$preset" --target "${@:-all}" </dev/null >&2 ||
        die "the build failed; see above"
    else
      say "building (log: build/$preset.log)"
      configure "$preset"
      logged "$preset" cmake --build "$root/build/$preset" --target "${@:-all}"
    fi
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
