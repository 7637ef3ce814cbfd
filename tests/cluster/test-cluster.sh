#!/bin/bash
# test-cluster.sh slurm|machines LAYERWISE: trains over the two machines of slurm.sh or machines.sh: the
# losses of one process, and what happens when the other machine is lost. TAP.
set -u
how=$1
layerwise=$(realpath "$2")
[ -n "${LAYERWISE_MPIRUN-}" ] || { echo '1..0 # SKIP Open MPI is not installed: no mpirun, or no module'; exit 0; }
if [ -z "${LAYERWISE_ON_CLUSTER-}" ]; then
  LAYERWISE_ON_CLUSTER=1 exec "$(dirname "$0")/$how.sh" "$0" "$@"
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/layerwise-cluster-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export LAYERWISE_WORKER_SILENCE=3 # seconds
export OMPI_MCA_orte_tmpdir_base=$folder
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

both () {
  case $how in
  slurm) timeout 60 srun --mpi=pmix --nodes=2 --ntasks=2 "$layerwise" train "$@" ;;
  machines)
    "$MACHINES" on alpha timeout 60 "$LAYERWISE_MPIRUN" --host alpha,beta -n 2 --bind-to none \
      -x LAYERWISE_WORKER_SILENCE "$layerwise" train "$@"
    ;;
  esac
}
failed=0
check () { # NAME, and a command
  if "${@:2}"; then echo "ok - $1"; else
    echo "not ok - $1"
    failed=1
    sed 's/^/# /' ./*.log
  fi
}
# Losses of two runs, step by step.
near () {
  paste -d, <(grep ^step, one/metrics.csv) <(grep ^step, two/metrics.csv) |
    awk -F, '{ d = $5 - $19; if (d < 0) d = -d; if (d > largest) largest = d; n += $2 == $16 }
      END { print "# losses of " n " steps differ by " largest " at most"
            exit !(n == 30 && largest < 1e-5) }'
}
# Worker 1 is gone: by a kill, or its machine's network.
lose () {
  if [ "$how" = machines ]; then
    "$MACHINES" cut
    return
  fi
  for worker in $(pgrep -f "^$layerwise train .*$folder/lost"); do
    grep -zqx SLURM_PROCID=1 "/proc/$worker/environ" && kill -9 "$worker"
  done
}
speaks () { grep -q '^layerwise: The training ends, because nothing was heard of worker 1 .* on beta) for 3 s' lost.log; }
is_saved () { grep -q '"state": "failed"' lost/run.json; }
# For three seconds, by one process.
goes_on () {
  timeout --signal=USR1 --preserve-status 3 "$layerwise" train --resume "$folder/lost" > resumed.log 2>&1
  [ $? = 130 ] && grep -q '^Stopped after step' resumed.log
}

echo 1..4
settings='lenet-bn --data shapes --limit-train 500 --limit-test 40 --batch 32 --learning-rate 0.1
  --threads 1 --algorithms fixed'
# shellcheck disable=SC2086
"$layerwise" train $settings --steps 30 --output one > one.log 2>&1
# shellcheck disable=SC2086
both $settings --steps 30 --output "$folder/two" > two.log 2>&1
check 'the losses of one process' near

# shellcheck disable=SC2086
both $settings --epochs 100000 --snapshots 0 --output "$folder/lost" > lost.log 2>&1 &
for ((i = 0; i < 300; i++)); do
  compgen -G 'lost/checkpoints/*.safetensors' > /dev/null || ! kill -0 $! && break
  sleep 0.1
done
lose
for ((i = 0; i < 300; i++)); do # mpirun waits for the cable
  speaks || ! kill -0 $! && break
  sleep 0.1
done
[ "$how" = slurm ] || "$MACHINES" mend
wait $!
check 'a sentence for a lost worker' speaks
check 'the run is failed, not running' is_saved
check 'it goes on' goes_on
exit $failed
