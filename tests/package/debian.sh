#!/bin/sh
# debian.sh [FOLDER]: builds the Debian package from the sources as they are, as Debian's own builders do
# but for the compiler's cache; looks at it with lintian; starts it from a folder that it was unpacked into;
# then installs it into a clean system, which mmdebstrap makes of this release's packages, uses it there
# and removes it. Works in FOLDER, build-debian where none is named; prints TAP. Takes minutes and a
# mirror of the release, of which it keeps what it fetched; needs debhelper, lintian and mmdebstrap, what
# ./run installs, and a screen's programs as the suite gui does.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
folder=${1-$root/build-debian}
for needed in dh dpkg-buildpackage lintian mmdebstrap; do
  command -v "$needed" > /dev/null || { echo "1..0 # SKIP $needed is not installed"; exit 0; }
done
codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
# Those of this machine's sources that have the release itself, whatever else it installs from.
sources=$(grep -l -r -w -e "$codename" /etc/apt/sources.list /etc/apt/sources.list.d --include='*.list' \
  --include='*.sources' 2> /dev/null || true)
if [ -z "$codename" ] || [ -z "$sources" ]; then
  echo "1..0 # SKIP apt has no source of packages here"
  exit 0
fi

export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$folder"
folder=$(CDPATH='' cd -- "$folder" && pwd)
rm -rf "$folder/source" "$folder/unpacked" "$folder"/layerwise*
mkdir -p "$folder/source"
results=$folder/results
: > "$results"

# What a step wrote as TAP, without its plan and its numbers; its exit status says no more.
collect () { # NAME, and the TAP on standard input
  sed -n "s/^\(not ok\|ok\) [0-9]* - \(.*\)/\1 - $1: \2/p" >> "$results"
}

result () { # STATUS NAME
  if [ "$1" -eq 0 ]; then echo "ok - $2"; else echo "not ok - $2"; fi >> "$results"
}

finish () {
  awk '{ sub (/ok - /, "ok " NR " - "); print } END { print "1.." NR }' "$results"
  if grep -q '^not ok' "$results"; then exit 1; fi
  exit 0
}

# Meson asks for the cache; debhelper gives the build an empty home folder, so that its place has to be
# said.
if command -v ccache > /dev/null; then
  CCACHE_DIR=${CCACHE_DIR-${XDG_CACHE_HOME-$HOME/.cache}/ccache}
  export CCACHE_DIR CCACHE_BASEDIR="$folder/source" CCACHE_NOHASHDIR=1
fi
(cd "$root" && if git rev-parse > /dev/null 2>&1; then
  git ls-files -z --cached --others --exclude-standard |
    tar -c --null --files-from=- --ignore-failed-read --warning=no-failed-read
else
  tar -c --exclude='./build*' .
fi) | tar -x -C "$folder/source"
status=0
(cd "$folder/source" && DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -us -uc -b) \
  > "$folder/build.log" 2>&1 || status=$?
result "$status" 'dpkg-buildpackage builds it'
if [ "$status" -ne 0 ]; then
  tail -n 40 "$folder/build.log" >&2
  finish
fi
package=$(echo "$folder"/layerwise_*.deb)

status=0
lintian --fail-on error,warning --suppress-tags bogus-mail-host "$folder"/layerwise_*.changes >&2 || status=$?
result "$status" 'lintian has no errors and no warnings'

dpkg-deb -x "$package" "$folder/unpacked"
python3 "$here/check_installed.py" --prefix "$folder/unpacked/usr" "$root/tests/gui/with-display.sh" \
  > "$folder/tap" || true
collect 'unpacked' < "$folder/tap"
status=0
find "$folder/unpacked" -name layerwise-mpi.so | grep -q . || status=1
dpkg-deb -f "$package" Depends | grep -q -i mpi && status=1
result "$status" 'it has the module for several processes, and does not depend on Open MPI'

if [ "$(id -u)" -ne 0 ]; then
  echo 'ok - it works in a clean system # SKIP only root can make one' >> "$results"
  finish
fi
# What apt is told of the network goes along. Nobody minds if this system is lost with the power. Packages
# that were fetched for it once are kept, as mmdebstrap(1) says.
mkdir -p "$folder/packages"
# shellcheck disable=SC2016 # expanded by the hook
set -- --variant=apt --mode=root --format=null --include=passwd --dpkgopt=force-unsafe-io \
  --skip=essential/unlink --setup-hook='mkdir -p "$1/var/cache/apt/archives"' \
  --setup-hook="sync-in '$folder/packages' /var/cache/apt/archives"
apt-config dump > "$folder/apt"
while IFS= read -r line; do
  case $line in
    Acquire::Check-* | Acquire::*Proxy*) set -- "$@" "--aptopt=$line" ;;
  esac
done < "$folder/apt"
export LAYERWISE_CHECK="$here/debian_root.sh" LAYERWISE_PACKAGE="$package" LAYERWISE_TAP="$folder/tap"
: > "$folder/tap"
# shellcheck disable=SC2016,SC2086 # expanded by the hook; a list of files
mmdebstrap "$@" --customize-hook='"$LAYERWISE_CHECK" "$1" "$LAYERWISE_PACKAGE" > "$LAYERWISE_TAP" || true' \
  --customize-hook="sync-out /var/cache/apt/archives '$folder/packages'" \
  "$codename" /dev/null $sources > "$folder/root.log" 2>&1 || true
collect 'installed' < "$folder/tap"
if ! grep -q 'running --customize-hook' "$folder/root.log"; then
  tail -n 20 "$folder/root.log" >&2
  echo 'ok - it works in a clean system # SKIP mmdebstrap could not make one of this release' >> "$results"
elif ! grep -q '^1\.\.' "$folder/tap"; then
  result 1 'it could be tried in a clean system to the end'
fi
if grep -q '^not ok' "$results"; then
  cat "$folder/root.log" >&2
fi
finish
