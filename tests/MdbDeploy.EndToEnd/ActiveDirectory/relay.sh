#!/bin/bash
# usage: relay.sh FOLDER COUNT COMMAND...
# Runs a command with the domain controller's name pointing at a relay on 127.0.0.2 (in a mount name space of its own), which passes LDAP on until the command sent COUNT
# sealed requests, and kills it when the last of them is delivered. Prints "requests: N" last.
set -u
if [ "${MDB_RELAY_INSIDE:-}" != 1 ]; then exec env MDB_RELAY_INSIDE=1 unshare --mount bash "$0" "$@"; fi
folder=$1 count=$2
shift 2
sed 's/^127.0.0.1 dc1/127.0.0.2 dc1/' /etc/hosts > "$folder/relay-hosts"
mount --bind "$folder/relay-hosts" /etc/hosts
rm -f "$folder/relay-count" "$folder/relay-ready"
/usr/bin/python3 "$(dirname "$0")/relay.py" "$folder" "$count" &
relay=$!
while [ ! -e "$folder/relay-ready" ]; do sleep 0.02; done
"$@" &
echo $! > "$folder/relay-victim"
wait $! 2> /dev/null
kill $relay 2> /dev/null
echo "requests: $(cat "$folder/relay-count" 2> /dev/null || echo 0)"
