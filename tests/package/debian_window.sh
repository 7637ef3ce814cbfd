#!/bin/sh
# debian_window.sh ROOT: starts the workbench that is installed in ROOT on the screen that is there, waits
# for a window with its title, closes it by its shortcut. For debian_root.sh.
set -u
root=$1
chroot --userspec=student "$root" env -i PATH=/usr/bin:/bin HOME=/home/student USER=student \
  LC_ALL=C.UTF-8 "DISPLAY=$DISPLAY" GDK_BACKEND=x11 GSK_RENDERER=cairo GDK_DEBUG=gl-disable \
  layerwise-workbench /home/student/run &
program=$!
window=
waited=0
while [ -z "$window" ] && [ "$waited" -lt 300 ] && kill -0 "$program" 2> /dev/null; do
  window=$(xdotool search --onlyvisible --name '^Layerwise$' 2> /dev/null | tail -n 1)
  waited=$((waited + 1))
  sleep 0.1
done
[ -n "$window" ] || echo 'No window of the title "Layerwise" was seen.'
[ -z "$window" ] || xdotool windowfocus --sync "$window" key --clearmodifiers ctrl+q
waited=0
while kill -0 "$program" 2> /dev/null && [ "$waited" -lt 200 ]; do
  waited=$((waited + 1))
  sleep 0.1
done
[ "$waited" -lt 200 ] || { echo 'It does not close.'; kill "$program"; }
wait "$program"
status=$?
echo "exit status $status"
[ -n "$window" ] && [ "$status" -eq 0 ]
