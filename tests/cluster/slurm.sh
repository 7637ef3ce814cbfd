#!/bin/bash
# slurm.sh COMMAND…: a Slurm cluster of two nodes, alpha and beta, on a loopback of its own, runs COMMAND
# (which has srun, sbatch …) and ends all again. See README.md.
set -u
skip () { echo "1..0 # SKIP $1"; exit 0; }

PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd srun ip unshare; do
  command -v "$program" > /dev/null ||
    skip "$program is missing (on Debian: slurmctld, slurmd, slurm-client, munge, iproute2)"
done
[ "$(id -u)" = 0 ] && unshare --net --uts --pid --mount-proc --fork true 2> /dev/null ||
  skip 'namespaces, which stand for machines, can be made by root alone, where the kernel lets it'
if [ -z "${LAYERWISE_OWN_LOOPBACK-}" ]; then
  LAYERWISE_OWN_LOOPBACK=1 exec unshare --net "$0" "$@"
fi
# Names are looked up only where there is an address beside the loopback's.
ip link set lo up && ip link add cable type veth peer name end && ip link set cable up &&
  ip address add 10.77.0.1/24 dev cable || skip 'the kernel has no cable (veth)'

folder=$(mktemp -d "${TMPDIR:-/tmp}/layerwise-slurm-XXXXXX") || exit 1
daemons=()
nodes=()
finish () {
  # With a node's slurmd, the first process of its namespace, all others of it end.
  for node in "${nodes[@]}"; do kill $(pgrep --parent "$node"); done 2> /dev/null
  for node in "${nodes[@]}"; do wait "$node"; done 2> /dev/null
  for daemon in "${daemons[@]}"; do kill "$daemon" && wait "$daemon"; done 2> /dev/null
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

mkdir "$folder/state" "$folder/munge" "$folder/tmp-alpha" "$folder/tmp-beta"
chmod 755 "$folder"
head -c 1024 /dev/urandom > "$folder/munge/key"
chmod 600 "$folder/munge/key"
chmod 711 "$folder/munge"
cat > "$folder/slurm.conf" << CONFIG
ClusterName=loopback
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=6817
AuthInfo=socket=$folder/munge/socket
SlurmUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/controller.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/controller.log
SlurmdLogFile=$folder/%n.log
# Each node makes folders of the same names for PMIx.
TmpFS=$folder/tmp-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=alpha NodeAddr=127.0.0.1 Port=6818 CPUs=2
NodeName=beta NodeAddr=127.0.0.1 Port=6819 CPUs=2
PartitionName=main Nodes=ALL Default=YES
CONFIG
export SLURM_CONF=$folder/slurm.conf
export OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

munged --foreground --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
  --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" \
  2> "$folder/munged.err" &
daemons+=($!)
slurmctld -D 2> "$folder/controller.err" &
daemons+=($!)
for node in alpha beta; do
  unshare --fork --kill-child --pid --mount-proc --uts \
    sh -c "hostname $node && exec slurmd -D -N $node" 2> "$folder/$node.err" &
  nodes+=($!)
done
waited=0
until [ "$(sinfo --noheader --states=idle --format=%D 2> /dev/null)" = 2 ]; do
  waited=$((waited + 1))
  if [ "$waited" -gt 100 ]; then
    tail -n 20 "$folder"/*.err "$folder"/*.log | sed 's/^/# /'
    skip 'the cluster does not come up here'
  fi
  sleep 0.1
done
"$@"
