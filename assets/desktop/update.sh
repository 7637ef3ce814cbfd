#!/bin/sh
# Tells the desktop of what was installed. Argument: the folder of shared data.

update () { # FOLDER PROGRAM ARGUMENT…
  folder=$1
  shift
  if command -v "$1" > /dev/null && [ -w "$folder" ]; then
    "$@" "$folder" || echo "$1 failed; the desktop may not know of Layerwise yet." >&2
  fi
}

update "$1/applications" update-desktop-database -q
update "$1/mime" update-mime-database
update "$1/icons/hicolor" gtk4-update-icon-cache -qtf
