#!/bin/sh
# debian.sh [FOLDER]: builds the Debian package from what is committed, in FOLDER or one of its own,
# looks at it with lintian, unpacks it into a folder and starts it from there. Takes minutes; needs
# debhelper, dpkg-dev, what ./run installs, and a screen's programs as the suite gui does.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
folder=${1-}
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
for needed in dh dpkg-buildpackage git; do
  command -v "$needed" > /dev/null || { echo "1..0 # SKIP $needed is not installed"; exit 0; }
done

rm -rf "$folder/source" "$folder/unpacked"
mkdir -p "$folder/source"
git -C "$root" archive HEAD | tar -x -C "$folder/source"
(cd "$folder/source" && dpkg-buildpackage -us -uc -b) > "$folder/build.log" 2>&1 ||
  { tail -n 40 "$folder/build.log" >&2; echo 'Bail out! dpkg-buildpackage failed'; exit 1; }
if command -v lintian > /dev/null; then
  lintian --fail-on error "$folder"/layerwise_*.changes >&2
fi
dpkg-deb -I "$folder"/layerwise_*.deb >&2
dpkg-deb -x "$folder"/layerwise_*.deb "$folder/unpacked"
python3 "$root/tests/package/check_installed.py" --prefix "$folder/unpacked/usr" \
  "$root/tests/gui/with-display.sh"
