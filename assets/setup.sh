# Sourced by run and test, never run by itself: the packages, and how they are installed.
# Expects $root, the repository's folder. Everything that it says goes to standard error, so that
# "./run list --json" leaves standard output to the program.

# Debian 12 and Ubuntu 24.04 call them all the same.
packages_build='gcc libc6-dev meson ninja-build pkg-config gettext libglib2.0-dev
  libjson-glib-dev zlib1g-dev libcairo2-dev libpango1.0-dev libgdk-pixbuf-2.0-dev libdnnl-dev
  libprotobuf-c-dev protobuf-c-compiler libonnx-dev libopenmpi-dev openmpi-bin'
packages_workbench='libgtk-4-dev libadwaita-1-dev adwaita-icon-theme librsvg2-common
  fonts-noto-core fonts-dejavu-core'
packages_data='dataset-fashion-mnist'
packages_browser='libgtk-4-bin'
packages_test='xvfb dbus at-spi2-core python3-gi gir1.2-atspi-2.0 xdotool graphviz librsvg2-bin
  desktop-file-utils appstream shared-mime-info man-db mandoc poppler-utils clang-format g++ ccache python3-venv fonts-noto-cjk'

say () {
  printf '%s\n' "$*" >&2
}

# The packages among $* that are not installed, a blank after each.
missing_packages () {
  installed=" $(dpkg-query -W -f '${Package}:${db:Status-Status} ' "$@" 2> /dev/null)"
  for package in "$@"; do
    case $installed in
      *" $package:installed "*) ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

# Installs the packages $*, all or as many as there are; sets packages_changed.
apt_install () {
  if $become_root apt-get install -y --no-install-recommends "$@" > /dev/null 2>&1; then
    packages_changed=yes
    return 0
  fi
  $become_root apt-get update > /dev/null 2>&1
  if $become_root apt-get install -y --no-install-recommends "$@" > /dev/null 2>&1; then
    packages_changed=yes
    return 0
  fi
  # One that this release does not have must not keep the others away.
  for package in "$@"; do
    if $become_root apt-get install -y --no-install-recommends "$package" > /dev/null 2>&1; then
      packages_changed=yes
    else
      say "The package $package could not be installed."
    fi
  done
}

# Installs what is missing of $*. Never fails: what the build needs and does not find it names
# itself, and the optional parts (workbench, data) are left out. What could not be installed once is
# not tried again until the list of missing packages is another.
install_packages () {
  if command -v dpkg-query > /dev/null && command -v apt-get > /dev/null; then
    missing=$(missing_packages "$@")
  else
    missing=unknown
  fi
  [ -n "$missing" ] || return 0
  tried=$root/build/packages-tried
  [ "$(cat "$tried" 2> /dev/null)" != "$missing" ] || return 0
  mkdir -p "$root/build" && printf '%s\n' "$missing" > "$tried"

  if [ "$missing" = unknown ]; then
    say 'This system has no apt-get. Layerwise needs, under the names of your system: a C compiler,'
    say 'Meson 1.0, Ninja, pkg-config, gettext, and the development files of GLib 2.74, json-glib,'
    say 'zlib, Cairo, Pango, GTK 4.8 and libadwaita 1.2; for more, those of gdk-pixbuf (pictures as data),'
    say 'protobuf-c with its compiler and ONNX (files for other programs), oneDNN (speed) and Open MPI'
    say '(training over several processes).'
    say 'Trying to build with what is here.'
    return 0
  fi
  become_root=
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo > /dev/null; then
      say 'These packages are missing, and there is no sudo to install them with; as root, please run'
      say "  apt-get install $missing"
      return 0
    fi
    become_root=sudo
  fi
  say 'Installing these packages:'
  say "  $missing"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # a list of words
  apt_install $missing
}
