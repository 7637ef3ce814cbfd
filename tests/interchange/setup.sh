# Sourced by test, never run by itself: packages that read the files that Layerwise writes for other
# programs, in an environment of the tests' own, build-interchange. PyTorch is not among them: it is
# taken from where it is (README.md). Expects $root and say.

interchange_packages='numpy==2.4.6 safetensors==0.8.0 tensorboard==2.21.0 absl-py==2.5.1
  grpcio==1.85.3 Markdown==3.11.3 MarkupSafe==3.0.4 packaging==26.4 pillow==13.0.0 protobuf==7.36.2
  tensorboard-data-server==0.7.2 typing_extensions==4.16.0 Werkzeug==3.1.9'

# Never fails: without them, tests are skipped with the reason. What could not be installed is not
# tried again before build-interchange is deleted.
install_interchange_packages () {
  local folder=$root/build-interchange
  [ "$(cat "$folder/wanted" 2> /dev/null)" != "$interchange_packages" ] || return 0
  mkdir -p "$folder" && printf '%s\n' "$interchange_packages" > "$folder/wanted"
  say "Installing into build-interchange, for tests alone:" $interchange_packages
  # shellcheck disable=SC2086 # a list of words
  if ! { python3 -m venv "$folder/venv" &&
    "$folder/venv/bin/pip" install --no-deps --quiet $interchange_packages; } > "$folder/log" 2>&1; then
    say "That did not work (build-interchange/log says why); delete build-interchange to have it tried again."
    rm -rf "$folder/venv"
  fi
}
