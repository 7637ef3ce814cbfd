#!/bin/sh
# test-sshd.sh PROGRAM: runs the test PROGRAM (test-follow.c) with OpenSSH's own client and server: an
# sshd on the loopback, a free port, keys that are made for it and thrown away. Skipped, with the
# reason, where there is no sshd, or it may not run. $LAYERWISE_SSHD names one that is not installed.
set -u
skip () { echo "1..0 # SKIP $1"; exit 0; }

sshd=${LAYERWISE_SSHD:-$(PATH=$PATH:/usr/sbin:/sbin command -v sshd)}
[ -n "$sshd" ] && [ -x "$sshd" ] || skip 'sshd is missing (on Debian: the package openssh-server)'
command -v ssh > /dev/null && command -v ssh-keygen > /dev/null ||
  skip 'ssh is missing (on Debian: the package openssh-client)'
[ "$(id -u)" != 0 ] || [ -d /run/sshd ] || skip 'sshd needs the folder /run/sshd when root starts it'

folder=$(mktemp -d "${TMPDIR:-/tmp}/layerwise-sshd-XXXXXX") || exit 1
server=
finish () {
  [ -z "$server" ] || kill "$server" 2> /dev/null
  [ -z "$server" ] || wait "$server" 2> /dev/null
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

ssh-keygen -q -t ed25519 -N '' -f "$folder/host" && ssh-keygen -q -t ed25519 -N '' -f "$folder/me" ||
  exit 1
cp "$folder/me.pub" "$folder/allowed"
# The home folder of the other machine is the test's, which makes a new one for each of its parts.
cat > "$folder/far" << FAR
#!/bin/sh
cd "\$(cat "$folder/home")" && exec sh -c "\$SSH_ORIGINAL_COMMAND"
FAR
cat > "$folder/ssh" << SSH
#!/bin/sh
if [ -e "\$FAKE_SSH_HOME/.down" ]; then
  echo 'ssh: connect to host far port 22: Connection refused' >&2
  exit 255
fi
printf '%s' "\$FAKE_SSH_HOME" > "$folder/home"
echo \$\$ >> "\$FAKE_SSH_HOME/.pids"
exec ssh -F "$folder/config" "\$@"
SSH
chmod 700 "$folder/far" "$folder/ssh"

# A port that is free now may be taken in the next moment: then another one.
for port in 39022 39122 39222 39322 39422; do
  cat > "$folder/sshd_config" << CONFIG
ListenAddress 127.0.0.1
Port $port
HostKey $folder/host
AuthorizedKeysFile $folder/allowed
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
ForceCommand $folder/far
CONFIG
  "$sshd" -D -e -f "$folder/sshd_config" 2> "$folder/log" &
  server=$!
  waited=0
  while ! grep -q 'Server listening' "$folder/log" && kill -0 "$server" 2> /dev/null &&
    [ "$waited" -lt 100 ]; do
    sleep 0.1
    waited=$((waited + 1))
  done
  kill -0 "$server" 2> /dev/null && break
  server=
done
if [ -z "$server" ]; then
  sed 's/^/# /' "$folder/log"
  skip 'sshd does not start here'
fi

printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d ' ' -f 1,2 "$folder/host.pub")" > "$folder/known"
cat > "$folder/config" << CONFIG
Host far
  HostName 127.0.0.1
  Port $port
  User $(id -un)
Host mute
  ProxyCommand sleep 1000
Host *
  IdentityFile $folder/me
  IdentitiesOnly yes
  UserKnownHostsFile $folder/known
  GlobalKnownHostsFile none
CONFIG
LAYERWISE_SSH=$folder/ssh "$@"
