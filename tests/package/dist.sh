#!/bin/sh
# dist.sh BUILD [OPTION OF "meson setup"…]: the tarball that "meson dist" makes of what is committed,
# twice the same, built without the tests, and a word from what came out. Takes minutes.
set -eu
build=$(CDPATH='' cd -- "$1" && pwd)
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ninja -C "$build" build.ninja > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
for time in first second; do
  meson dist -C "$build" --no-tests --formats xztar > "$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; exit 1; }
  cp "$build"/meson-dist/layerwise-*.tar.xz "$folder/$time.tar.xz"
done
cmp "$folder/first.tar.xz" "$folder/second.tar.xz"
tar -xf "$folder/first.tar.xz" -C "$folder"
cd "$folder"/layerwise-*
if [ -e .ci ]; then echo 'The archive has .ci.' >&2; exit 1; fi
meson setup build -Dtests=false "$@" > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
ninja -C build programs > "$folder/log" 2>&1 || { tail -n 40 "$folder/log" >&2; exit 1; }
build/app/layerwise --version
build/app/layerwise show lenet | grep -q '61,706'
