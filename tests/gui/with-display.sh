#!/bin/sh
# with-display.sh SECONDS PROGRAM [ARGUMENT…]: runs a program on a screen, a message bus and a home
# folder of its own, for at most so many seconds; exits as the program does. Where Xvfb or
# dbus-run-session is missing it says so as a skipped TAP plan and exits with 0.
#
# SCREEN, 1600x1100 where it is not set, is the size of the screen.
set -u
limit=$1
shift

for needed in Xvfb dbus-run-session; do
  if ! command -v "$needed" > /dev/null; then
    echo "1..0 # SKIP $needed is missing (on Debian: the packages xvfb and dbus)"
    exit 0
  fi
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/layerwise-gui-XXXXXX") || exit 1
server=
finish () {
  [ -z "$server" ] || kill "$server" 2> /dev/null
  [ -z "$server" ] || wait "$server" 2> /dev/null
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# The server picks a free display and says its number once it takes connections.
Xvfb -displayfd 3 -screen 0 "${SCREEN:-1600x1100}x24" -dpi 96 -nolisten tcp -noreset \
  3> "$folder/number" 2> "$folder/server.log" &
server=$!
waited=0
while [ ! -s "$folder/number" ]; do
  if [ "$waited" -ge 200 ] || ! kill -0 "$server" 2> /dev/null; then
    cat "$folder/server.log" >&2
    echo 'Bail out! Xvfb does not start'
    exit 1
  fi
  waited=$((waited + 1))
  sleep 0.05
done

mkdir -m 700 "$folder/home" "$folder/data" "$folder/config" "$folder/cache" "$folder/runtime"
DISPLAY=:$(cat "$folder/number")
HOME=$folder/home
XDG_DATA_HOME=$folder/data
XDG_CONFIG_HOME=$folder/config
XDG_CACHE_HOME=$folder/cache
XDG_RUNTIME_DIR=$folder/runtime
export DISPLAY HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
# Software rendering, no settings of this computer, no portals that would have to be started.
export GDK_BACKEND=x11 GDK_DEBUG=gl-disable GSK_RENDERER=cairo GTK_A11Y=atspi GSETTINGS_BACKEND=memory
export GTK_USE_PORTAL=0 ADW_DISABLE_PORTAL=1 LC_ALL=C.UTF-8
unset WAYLAND_DISPLAY GTK_THEME GTK_DEBUG GDK_SCALE DBUS_SESSION_BUS_ADDRESS AT_SPI_BUS_ADDRESS

# What services say that the bus starts does not belong among the program's own lines.
exec 3>&1
timeout -k 5 "$limit" dbus-run-session -- sh -c 'exec "$@" >&3 3>&-' sh "$@" >&2
