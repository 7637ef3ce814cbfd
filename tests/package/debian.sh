#!/bin/sh
# debian.sh [FOLDER]: builds the Debian package from what is committed, as a builder of Debian's does but
# for the compiler's cache; looks at it with lintian; starts it from a folder that it was unpacked into;
# then installs it into a clean system, which mmdebstrap makes of this release's packages, uses it there
# and removes it. Works in FOLDER, build-debian where none is named; prints TAP. Takes minutes and a
# mirror of the release; needs debhelper, lintian and mmdebstrap, what ./run installs, and a screen's
# programs as the suite gui does.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
folder=${1-$root/build-debian}
for needed in dh dpkg-buildpackage git lintian mmdebstrap; do
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
  ! grep -q '^not ok' "$results"
  exit
}

# debhelper gives the build an empty home folder, so that the cache's place has to be said.
if command -v ccache > /dev/null; then
  CCACHE_DIR=${CCACHE_DIR-${XDG_CACHE_HOME-$HOME/.cache}/ccache}
  export CCACHE_DIR CCACHE_BASEDIR="$folder/source" CCACHE_NOHASHDIR=1
  PATH=/usr/lib/ccache:$PATH
fi
git -C "$root" archive HEAD | tar -x -C "$folder/source"
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

# Within a namespace of its own where this is not root's; what apt is told of the network goes along.
set -- --variant=apt --mode=auto --format=null --include=passwd
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
  "$codename" /dev/null $sources > "$folder/root.log" 2>&1 || true
collect 'installed' < "$folder/tap"
if grep -q '^1\.\.' "$folder/tap"; then
  grep -q '^not ok' "$folder/tap" && cat "$folder/root.log" >&2
else
  tail -n 40 "$folder/root.log" >&2
  result 1 'it could be looked at in a clean system'
fi
finish
