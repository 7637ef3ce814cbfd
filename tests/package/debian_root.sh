#!/bin/sh
# debian_root.sh ROOT PACKAGE: installs the package into the clean system in ROOT, starts there what it
# brings, removes it, and looks for what stays. Twice: with nothing but what the package depends on, then
# beside the programs that read its manual pages, completion and kinds of files. debian.sh calls it
# within mmdebstrap, which made ROOT and throws it away.
set -u
root=$1
package=$(basename "$2")
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
id=org.layerwise.Workbench
number=0
failed=0
log=$root/tmp/layerwise.log
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
cp "$2" "$root/tmp/"

# One subtest; what a command that failed has written follows.
check () { # NAME COMMAND…
  number=$((number + 1))
  name=$1
  shift
  if "$@" > "$log" 2>&1; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    tail -n 30 "$log" >&2
    failed=1
  fi
}

in_root () {
  chroot "$root" "$@"
}

# As somebody who has only just got an account.
as_student () {
  chroot --userspec=student "$root" env -i PATH=/usr/bin:/bin HOME=/home/student USER=student \
    LC_ALL=C.UTF-8 ${DISPLAY+"DISPLAY=$DISPLAY"} "$@"
}

says () { # PATTERN COMMAND…
  pattern=$1
  shift
  "$@" > "$root/tmp/said" 2>&1
  status=$?
  cat "$root/tmp/said"
  [ "$status" -eq 0 ] && grep -q -e "$pattern" "$root/tmp/said"
}

# Names alone: databases of the system change, what programs keep for themselves comes and goes.
files () {
  in_root find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run \
    -o -path /home -o -path /var/cache -o -path /var/log -o -path /var/lib/dpkg -o -path /var/lib/apt \
    \) -prune -o -print | sort
}

leaves_nothing () {
  files | diff "$root/tmp/before" - || return 1
  while read -r path; do
    if [ -e "$root$path" ] && [ ! -d "$root$path" ]; then
      echo "$path is still there"
      return 1
    fi
  done < "$root/tmp/owned"
  ! in_root dpkg-query -s layerwise || return 1
  # Neither do the databases that triggers make speak of it.
  ! in_root grep -rl -i layerwise /etc /usr/share/applications /usr/share/mime /usr/share/icons
}

unchanged () {
  [ "$(in_root dpkg -V layerwise 2>&1 | tee "$root/tmp/said")" = '' ] || { cat "$root/tmp/said"; return 1; }
}

install () {
  files > "$root/tmp/before"
  check "$1" in_root dpkg -i "/tmp/$package"
  in_root dpkg -L layerwise > "$root/tmp/owned"
}

remove () {
  check "$1: it is removed" in_root dpkg --purge layerwise
  check "$1: nothing of it stays" leaves_nothing
}

trains () {
  says '"event":"end"' as_student layerwise train lenet --data shapes --limit-train 256 --limit-test 64 \
    --batch 32 --epochs 1 --output /home/student/run --json && as_student test -s /home/student/run/run.json
}

# Xvfb runs outside: it is no part of ROOT, which has what the package depends on and no more.
window () {
  SCREEN=1280x800 "$here/../gui/with-display.sh" 90 "$here/debian_window.sh" "$root"
}

# Names of icons in the sources, each of them a file of a theme or within the libraries; and what reads
# such files. GTK says nothing where one is missing: it draws a broken picture.
icons () {
  cat "$root"/usr/lib/*/gdk-pixbuf-2.0/*/loaders.cache | grep -q svg ||
    { echo 'nothing reads SVG files'; return 1; }
  {
    find "$root/usr/share/icons" -name '*-symbolic.svg'
    for library in "$root"/usr/lib/*/libgtk-4.so.1 "$root"/usr/lib/*/libadwaita-1.so.0; do
      gresource list "$library"
    done
    gresource list "$root/usr/bin/layerwise-workbench"
  } | sed 's|.*/||; s|\.[a-z]*$||; s|\.symbolic$||' | sort -u > "$root/tmp/icons"
  grep -r -h -o '[a-z][a-z-]*-symbolic\>' "$here/../../ui" "$here/../../assets/ui" --include='*.[ch]' \
    --include='*.ui' | sort -u > "$root/tmp/named"
  [ "$(wc -l < "$root/tmp/named")" -gt 20 ] && comm -23 "$root/tmp/named" "$root/tmp/icons" |
    { ! grep .; }
}

completes () { # by the package bash-completion, as a shell does at the first Tab
  # shellcheck disable=SC2016 # for the shell there
  says '^train$' in_root bash -c '. /usr/share/bash-completion/bash_completion
    _completion_loader layerwise
    complete -p layerwise || exit 1
    COMP_WORDS=(layerwise tr) COMP_CWORD=1
    _layerwise
    printf "%s\n" "${COMPREPLY[@]}"'
}

check 'what it depends on is there to install' \
  in_root apt-get satisfy -y --no-install-recommends "$(dpkg-deb -f "$2" Depends)"
in_root useradd --create-home student
install 'it is installed with that alone'
check 'doctor runs' says . as_student layerwise doctor
check 'show counts LeNet' says '61,706' as_student layerwise show lenet
check 'a training of shapes ends' trains
check 'predict reads its run' says . as_student layerwise predict /home/student/run
if command -v Xvfb > /dev/null && command -v xdotool > /dev/null; then
  check 'the window opens and closes' window
else
  number=$((number + 1))
  echo "ok $number - the window opens and closes # SKIP Xvfb or xdotool is not installed"
fi
check 'every icon of the window is there' icons
check 'dpkg finds its files as they were' unchanged
remove 'alone'

check 'what reads its manuals, completion and kinds is there to install' \
  in_root apt-get install -y --no-install-recommends man-db bash-completion libglib2.0-bin desktop-file-utils
install 'it is installed beside that'
check 'man finds the pages' in_root sh -c 'man -w layerwise && man -w layerwise-workbench'
check 'man shows the page' says 'LAYERWISE(1)' in_root man layerwise
check 'man has the Chinese page' says zh_CN in_root man -w -L zh_CN.UTF-8 layerwise
check 'bash completes it' completes
check 'the entry is valid' in_root desktop-file-validate "/usr/share/applications/$id.desktop"
check 'a run has its kind' says 'x-layerwise-run+json' \
  as_student gio info -a standard::content-type /home/student/run/run.json
check 'its kind opens in the window' says "$id.desktop" as_student gio mime application/x-layerwise-run+json
check 'a folder can be opened in the window' says "$id.desktop" as_student gio mime inode/directory
check 'dpkg finds its files as they were' unchanged
remove 'beside others'
echo "1..$number"
exit "$failed"
