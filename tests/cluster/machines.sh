#!/bin/bash
# machines.sh [COMMAND…]: two machines, alpha and beta, made of Linux namespaces (network, processes,
# name, mounts) and a cable between them, each with an sshd and keys made for it. Runs COMMAND, which has
# `$MACHINES on alpha COMMAND…`, `$MACHINES cut` and `$MACHINES mend` (the cable), and ends all again.
# See README.md.
set -u
skip () { echo "1..0 # SKIP $1"; exit 0; }
on () { nsenter --target "$1" --net --uts --pid --mount --wd="$PWD" "${@:2}"; }

PATH=$PATH:/usr/sbin:/sbin
for program in sshd ssh ssh-keygen ip unshare nsenter; do
  command -v "$program" > /dev/null ||
    skip "$program is missing (on Debian: openssh-server, openssh-client, iproute2, util-linux)"
done
[ "$(id -u)" = 0 ] && unshare --net --uts --pid --mount --fork true 2> /dev/null ||
  skip 'namespaces can be made by root alone, where the kernel lets it'

folder=$(mktemp -d "${TMPDIR:-/tmp}/layerwise-machines-XXXXXX") || exit 1
machines=()
finish () {
  # With the sshd, the first process of a machine, all others of it end.
  for machine in "${machines[@]}"; do kill $(pgrep --parent "$machine"); done 2> /dev/null
  for machine in "${machines[@]}"; do wait "$machine"; done 2> /dev/null
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

mkdir "$folder/ssh" "$folder/control"
ssh-keygen -q -t ed25519 -N '' -f "$folder/host" && ssh-keygen -q -t ed25519 -N '' -f "$folder/me" ||
  exit 1
cp "$folder/me.pub" "$folder/allowed"
printf '127.0.0.1 localhost\n10.77.0.1 alpha\n10.77.0.2 beta\n' > "$folder/hosts"
printf 'alpha,beta %s\n' "$(cut -d ' ' -f 1,2 "$folder/host.pub")" > "$folder/known"
cat > "$folder/ssh/loopback.conf" << CONFIG
IdentityFile $folder/me
IdentitiesOnly yes
UserKnownHostsFile $folder/known
GlobalKnownHostsFile none
CONFIG
cat > "$folder/sshd_config" << CONFIG
HostKey $folder/host
AuthorizedKeysFile $folder/allowed
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv LAYERWISE_*
CONFIG
cat > "$folder/start" << 'START'
hostname "$2" && mount --bind "$1/hosts" /etc/hosts &&
  mount --bind "$1/ssh" /etc/ssh/ssh_config.d && mount -t tmpfs run /run && mkdir /run/sshd &&
  ip link set lo up && exec "$(command -v sshd)" -D -e -f "$1/sshd_config"
START
for name in alpha beta; do
  : > "$folder/$name.log"
  unshare --net --uts --pid --mount --fork --kill-child --mount-proc \
    sh "$folder/start" "$folder" "$name" 2> "$folder/$name.log" &
  machines+=($!)
  for ((i = 0; i < 100; i++)); do
    grep -q 'Server listening' "$folder/$name.log" && break
    sleep 0.1
  done
  pgrep --parent $! > "$folder/$name.pid" || {
    cat "$folder/$name.log"
    skip 'sshd does not start here'
  }
done
alpha=$(cat "$folder/alpha.pid")
beta=$(cat "$folder/beta.pid")
ip link add cable netns "$alpha" type veth peer name cable netns "$beta" ||
  skip 'the kernel has no cable for two namespaces (veth)'
for machine in "$alpha 10.77.0.1" "$beta 10.77.0.2"; do
  # shellcheck disable=SC2086
  set -- "$@" && on ${machine% *} ip addr add "${machine#* }/24" dev cable &&
    on ${machine% *} ip link set cable up || exit 1
done
cat > "$folder/machines" << MACHINES
#!/bin/sh
case \$1 in
cut) nsenter --target $beta --net ip link set cable down ;;
mend) nsenter --target $beta --net ip link set cable up ;;
on) machine=\$(cat "$folder/\$2.pid") && shift 2 &&
  exec nsenter --target "\$machine" --net --uts --pid --mount --wd="\$PWD" "\$@" ;;
esac
MACHINES
chmod +x "$folder/machines"
export MACHINES=$folder/machines
"$@"
