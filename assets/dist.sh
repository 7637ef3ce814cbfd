#!/bin/sh
# Called by "meson dist" before it packs $MESON_DIST_ROOT: what continuous integration calls stays out, and
# all files and folders get the time of the last change, or what SOURCE_DATE_EPOCH says, so that the same
# sources make the same archive.
set -eu
rm -rf "$MESON_DIST_ROOT/.ci"
time=${SOURCE_DATE_EPOCH:-$(git -C "$MESON_SOURCE_ROOT" log -1 --format=%ct)}
find "$MESON_DIST_ROOT" -exec touch -h -d "@$time" {} +
