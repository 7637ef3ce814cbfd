#!/bin/sh
# Installs the CUDA module where it was built. Arguments: the module, the folder.
[ -e "$1" ] || exit 0
mkdir -p "${DESTDIR-}$2" && cp "$1" "${DESTDIR-}$2/"
