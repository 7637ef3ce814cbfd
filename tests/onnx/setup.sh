# Sourced by test, never run by itself: the outside judges of ONNX files, onnx's checker and ONNX
# Runtime, in an environment of the tests' own, build-onnx. Expects $root and say.

onnx_judges='onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 protobuf==7.36.2 ml_dtypes==0.6.0
  flatbuffers==25.12.19 packaging==26.4 typing_extensions==4.16.0'

# Never fails: without them, tests are skipped with the reason. What could not be installed is not
# tried again before build-onnx is deleted.
install_onnx_judges () {
  local folder=$root/build-onnx
  [ "$(cat "$folder/wanted" 2> /dev/null)" != "$onnx_judges" ] || return 0
  mkdir -p "$folder" && printf '%s\n' "$onnx_judges" > "$folder/wanted"
  say "Installing into build-onnx, for tests alone:" $onnx_judges
  # shellcheck disable=SC2086 # a list of words
  if ! { python3 -m venv "$folder/venv" &&
    "$folder/venv/bin/pip" install --no-deps --quiet $onnx_judges; } > "$folder/log" 2>&1; then
    say "That did not work (build-onnx/log says why); delete build-onnx to have it tried again."
    rm -rf "$folder/venv"
  fi
}
