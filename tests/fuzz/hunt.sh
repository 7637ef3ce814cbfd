#!/usr/bin/env bash
# Looks for inputs that break a reader, for as long as it is told to: "hunt.sh --help" says how.
set -eu

usage () {
  cat << 'END'
Usage: tests/fuzz/hunt.sh NAME SECONDS [libfuzzer|afl]
       tests/fuzz/hunt.sh --figures     what all hunts in these folders add up to

NAME is a harness of tests/fuzz/meson.build. It is built with Clang's libFuzzer (default) or AFL++ in
build-hunt-ENGINE, with the address and undefined-behaviour sanitizers, and runs SECONDS from the
committed corpus and what earlier hunts kept in build-hunt-ENGINE/found/NAME. One allocation may take
$HUNT_MALLOC_MB megabytes (256, of pictures 512), all together 2048; one input has at most $HUNT_BYTES
bytes (65536) and takes at most $HUNT_LONGEST seconds (10; more where other programs have the processor).

What it found lies in build-hunt-ENGINE/findings/NAME. The last line says the seconds and executions,
the covered edges, the inputs kept and the findings; build-hunt-ENGINE/figures.tsv gathers these lines.
The exit status is 1 after a finding. libFuzzer ends with the first, AFL++ goes on.

Debian: clang, libclang-rt-14-dev, llvm; afl++.
END
}

# Of each harness: both engines' minutes and executions, as rows of the README's table.
figures () {
  cat "$root"/build-hunt-*/figures.tsv | awk -F '\t' '
    { seconds[$1, $2] += $3; executions[$1, $2] += $4; names[$1] }
    END {
      for (name in names)
        printf "| %s | %.1f | %d | %.1f | %d |\n", name, seconds[name, "libfuzzer"] / 60,
          executions[name, "libfuzzer"], seconds[name, "afl"] / 60, executions[name, "afl"]
    }' | sort
}

build () {
  local compiler=$1
  command -v "$compiler" > /dev/null || { echo "There is no $compiler; --help names the packages." >&2; exit 2; }
  if [ ! -e "$folder/build.ninja" ]; then
    mkdir -p "$folder"
    CC=$compiler meson setup "$folder" -Dhunt=true -Dui=disabled -Ddraw=disabled -Dtensorboard=disabled \
      -Donednn=disabled -Db_lundef=false -Db_sanitize=address,undefined -Doptimization=1 \
      -Dc_args='-fsanitize=fuzzer-no-link -g1' > "$folder/setup.log" 2>&1 ||
      { tail -n 30 "$folder/setup.log" >&2; exit 2; }
  fi
  AFL_QUIET=1 ninja -j1 -C "$folder" "tests/fuzz/hunt-$name" > "$folder/build.log" 2>&1 ||
    { tail -n 40 "$folder/build.log" >&2; exit 2; }
}

hunt_with_libfuzzer () {
  local begin=$SECONDS
  export ASAN_OPTIONS=$sanitizer:detect_leaks=1
  export LSAN_OPTIONS=suppressions=$root/tests/support/lsan.supp:print_suppressions=0
  "$folder/tests/fuzz/hunt-$name" -max_total_time="$seconds" -timeout="$longest" -rss_limit_mb=2048 \
    -malloc_limit_mb="$malloc_mb" -max_len="${HUNT_BYTES-65536}" -print_final_stats=1 -close_fd_mask=1 \
    -artifact_prefix="$findings/" "$found" "$corpus" > "$log" 2>&1 || status=1
  # One that ended with a finding does not say how long it ran.
  ran=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
  ran=${ran:-$((SECONDS - begin))}
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d ' ' -f 2)
  kept=$(find "$found" -type f | wc -l)
}

stat_of () { # of AFL++'s fuzzer_stats
  sed -n "s/^$1 *: *//p" "$found/default/fuzzer_stats"
}

hunt_with_afl () {
  local input=$corpus
  export ASAN_OPTIONS=$sanitizer:max_allocation_size_mb=$malloc_mb:detect_leaks=0:abort_on_error=1:symbolize=0
  export AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
  export UBSAN_OPTIONS=$UBSAN_OPTIONS:symbolize=0
  # The clock and the counts of one hunt, with the inputs of those before it.
  if [ -d "$found/default/queue" ]; then
    rm -rf "$found/before"
    mv "$found/default/queue" "$found/before"
    rm -rf "$found/default" "$found/before/.state"
    cp "$corpus"/* "$found/before/"
    input=$found/before
  fi
  afl-fuzz -i "$input" -o "$found" -V "$seconds" -t "${longest}000" -m none -G "${HUNT_BYTES-65536}" -- \
    "$folder/tests/fuzz/hunt-$name" > "$log" 2>&1 || status=1
  cp "$found"/default/crashes/id* "$found"/default/hangs/id* "$findings/" 2> /dev/null || true
  ran=$(stat_of run_time) executions=$(stat_of execs_done) edges=$(stat_of edges_found)
  kept=$(stat_of corpus_count)
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)

main () {
  case ${1-} in
    --help | -h) usage && exit 0 ;;
    --figures) figures && exit 0 ;;
  esac
  [ $# -ge 2 ] || { usage >&2; exit 2; }
  name=$1 seconds=$2 engine=${3-libfuzzer} status=0 longest=${HUNT_LONGEST-10}
  corpus=$root/tests/fuzz/corpus/$name folder=$root/build-hunt-$engine
  found=$folder/found/$name findings=$folder/findings/$name log=$folder/$name.log
  [ -d "$corpus" ] || { echo "There is no corpus $corpus." >&2; exit 2; }
  case $engine in
    libfuzzer) build clang ;;
    afl) build afl-clang-fast ;;
    *) usage >&2 && exit 2 ;;
  esac
  mkdir -p "$found" "$findings"

  # Whatever a harness writes lies in a folder that goes with it.
  if [ -w /dev/shm ]; then TMPDIR=$(mktemp -d -p /dev/shm); else TMPDIR=$(mktemp -d); fi
  trap 'rm -rf "$TMPDIR"' EXIT
  export TMPDIR HOME="$TMPDIR" G_SLICE=always-malloc LC_ALL=C.UTF-8 LAYERWISE_CUDA_MODULE=none
  export LAYERWISE_CORPUS=$root/tests/fuzz/corpus
  case $name in
    picture) malloc_mb=${HUNT_MALLOC_MB-512} ;; # the largest that is read has 400 MB
    *) malloc_mb=${HUNT_MALLOC_MB-256} ;;
  esac
  sanitizer=hard_rss_limit_mb=2048:detect_stack_use_after_return=0
  export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
  "hunt_with_$engine"

  n=$(find "$findings" -type f ! -name 'slow-unit*' | wc -l)
  printf '%s\t%s\t%s s\t%s executions\t%s edges\t%s kept\t%s findings\n' "$name" "$engine" "${ran:-?}" \
    "${executions:-?}" "${edges:-?}" "$kept" "$n" | tee -a "$folder/figures.tsv"
  if [ "$status" -ne 0 ] || [ "$n" -ne 0 ]; then
    echo "$log and $findings say more." >&2
    exit 1
  fi
}

main "$@"; exit
