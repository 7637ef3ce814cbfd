#!/bin/sh
# Stands for ssh: drops its options and the host, and runs the command on this machine, in
# $FAKE_SSH_HOME. Some hosts answer as real ones do that cannot be reached. While there is a file
# $FAKE_SSH_HOME/.down nobody can be; .pids gets the process of each connection, which a test ends
# to cut it. Directories of $FAKE_SSH_PATH come first there.
while [ "$1" != -- ]; do
  case $1 in -p) shift ;; esac
  shift
done
host=$2
shift 2
say () { printf '%s\r\n' "$1" >&2; exit 255; }
case $host in
  nowhere) say 'ssh: Could not resolve hostname nowhere: Name or service not known' ;;
  *closed) say "$host: Permission denied (publickey,password)." ;;
  unknown) say 'Host key verification failed.' ;;
  mute) exec sleep 1000 ;;
  noisy) printf 'Welcome!\nmissing you\nE 0 0\n' ;;
  loud) exec yes >&2 ;;
  proxied) say 'sh: 1: exec: nc-proxy: not found' ;;
  liar) exec yes ;;
  odd) say 'Bad things happened' ;;
esac
[ ! -e "$FAKE_SSH_HOME/.down" ] || say "ssh: connect to host $host port 22: Connection refused"
echo $$ >> "$FAKE_SSH_HOME/.pids"
PATH=${FAKE_SSH_PATH:+$FAKE_SSH_PATH:}$PATH
cd "$FAKE_SSH_HOME" && exec sh -c "$*"
