# Sourced by test, never run by itself: CUDA's headers, where no toolkit is installed, and the tools
# that show machine code, where the toolkit lacks them, from NVIDIA's wheels. They go into an
# environment of the tests' own, build-cuda; kernels/cuda/meson.build and sass.py look there. Expects
# $root and install_wheels; sets packages_changed.

cuda_headers='nvidia-cuda-runtime==13.0.96 nvidia-cuda-crt==13.0.88 nvidia-cublas==13.1.0.3'
cuda_tools='nvidia-cuda-cuobjdump==13.2.51 nvidia-cuda-nvdisasm==13.2.51'
cuda_folders='/usr/local/cuda /opt/cuda /usr/lib/cuda /usr'

# Whether a folder of $cuda_folders has the headers, of version 13 or newer.
cuda_headers_are_there () {
  local folder version
  for folder in $cuda_folders; do
    if [ ! -e "$folder/include/cublasLt.h" ] || [ ! -e "$folder/include/crt/host_defines.h" ]; then
      continue
    fi
    version=$(sed -n 's/^#define CUDART_VERSION *\([0-9]*\).*/\1/p' \
      "$folder/include/cuda_runtime_api.h" 2> /dev/null)
    [ "${version:-0}" -lt 13000 ] || return 0
  done
  return 1
}

# Whether nvcc is there, but no cuobjdump beside it.
cuda_tools_are_missing () {
  local folder
  for folder in ${cuda_folders//\/usr\/lib\/cuda/}; do
    [ -x "$folder/bin/nvcc" ] || continue
    [ -x "$folder/bin/cuobjdump" ] && [ -x "$folder/bin/nvdisasm" ] && return 1
    return 0
  done
  return 1
}

install_cuda_wheels () {
  local folder=$root/build-cuda wanted='' site
  cuda_headers_are_there || wanted=$cuda_headers
  ! cuda_tools_are_missing || wanted="${wanted:+$wanted }$cuda_tools"
  [ -n "$wanted" ] && install_wheels build-cuda "$wanted" || return 0
  site=$("$folder/venv/bin/python" -c 'import sysconfig; print (sysconfig.get_path ("purelib"))')
  ln -sfn "$site/nvidia/cu13" "$folder/toolkit"
  # The libraries are hundreds of megabytes, and nothing links them.
  rm -rf "$site/nvidia/cu13/lib"
  packages_changed=yes
}
