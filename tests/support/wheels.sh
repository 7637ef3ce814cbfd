# Sourced by test, never run by itself: Python packages that tests need, in environments of the tests'
# own. Expects $root and say.

# Installs PACKAGES, a list of words, into $root/FOLDER/venv. 0: they were installed now; 1: they are
# there, or cannot be had; tests without them are skipped with the reason. What could not be installed
# is not tried again before FOLDER is deleted. Where there is no network this takes seconds, not minutes.
install_wheels () { # FOLDER PACKAGES
  local folder=$root/$1
  [ "$(cat "$folder/wanted" 2> /dev/null)" != "$2" ] || return 1
  mkdir -p "$folder" && printf '%s\n' "$2" > "$folder/wanted"
  # shellcheck disable=SC2086 # a list of words
  say "Installing into $1, for tests alone:" $2
  # shellcheck disable=SC2086
  if { python3 -m venv "$folder/venv" &&
    "$folder/venv/bin/pip" install --no-deps --only-binary :all: --retries 2 --timeout 10 --quiet $2
  } > "$folder/log" 2>&1; then
    return 0
  fi
  say "That did not work ($1/log says why); delete $1 to have it tried again."
  rm -rf "$folder/venv"
  return 1
}
