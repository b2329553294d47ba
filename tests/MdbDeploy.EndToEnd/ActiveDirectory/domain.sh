#!/bin/bash
# A throw-away Active Directory domain (Samba) on loopback, in name spaces of its own: nothing outside is touched, and all of it ends with this script.
# usage: domain.sh FOLDER PIPE    needs root, and of Debian: samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules python3-samba smbclient
#                                 krb5-user libldap-2.5-0 libsasl2-modules-gssapi-mit ldap-utils
# Prints "ready" when the domain answers. Then runs each line of standard input as a command within the domain; after it prints "MDB-END exitcode".
set -eu
if [ "${MDB_DOMAIN_INSIDE:-}" != 1 ]; then exec env MDB_DOMAIN_INSIDE=1 unshare --net --mount --pid --fork --mount-proc --kill-child "$0" "$@"; fi
exec 3<&0 < /dev/null
folder=$1
realm=CORP.EXAMPLE.TEST
domain=corp.example.test
password=${MDB_DOMAIN_PASSWORD:?}
dc=$folder/dc

ip link set lo up
{ echo "127.0.0.1 dc1.$domain dc1 $domain"; cat /etc/hosts; } > "$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts
# Sockets and caches at fixed places: another domain on this machine would answer there, for people that this one does not know.
for place in /run/samba /var/cache/samba /var/lib/samba; do mkdir -p "$place" && mount -t tmpfs tmpfs "$place"; done

mkdir -p "$dc"
samba-tool domain provision --targetdir="$dc" --realm=$realm --domain=CORP --server-role=dc --dns-backend=NONE --adminpass="$password" \
    --host-name=dc1 --host-ip=127.0.0.1 --option="interfaces=lo" --option="bind interfaces only=yes" > "$folder/provision.log" 2>&1 || { cat "$folder/provision.log" >&2; exit 1; }
mkdir -p "$dc/run" "$dc/log" "$dc/ncalrpc"
cat > "$dc/etc/smb.conf" <<CONF
[global]
 workgroup = CORP
 realm = $realm
 netbios name = DC1
 server role = active directory domain controller
 server services = s3fs, rpc, ldap, kdc, winbindd
 interfaces = lo
 bind interfaces only = yes
 disable netbios = yes
 name cache timeout = 0
 smb ports = 445
 private dir = $dc/private
 state directory = $dc/state
 cache directory = $dc/cache
 lock directory = $dc
 pid directory = $dc/run
 ncalrpc dir = $dc/ncalrpc
 log file = $dc/log/log.%m
 logging = file
 load printers = no
 disable spoolss = yes
[sysvol]
 path = $dc/state/sysvol
 read only = no
[netlogon]
 path = $dc/state/sysvol/$domain/scripts
 read only = no
CONF
cat > "$folder/krb5.conf" <<CONF
[libdefaults]
 default_realm = $realm
 dns_lookup_realm = false
 dns_lookup_kdc = false
 rdns = false
[realms]
 $realm = {
  kdc = 127.0.0.1
 }
[domain_realm]
 .$domain = $realm
CONF
export KRB5_CONFIG=$folder/krb5.conf KRB5CCNAME=FILE:$folder/tickets LDAPSASL_NOCANON=on SMB_CONF_PATH=$dc/etc/smb.conf

# A real domain controller enters these names by itself, some time after it started.
samba-tool spn add "ldap/dc1.$domain" 'DC1$' > /dev/null
samba --foreground --model=single --configfile="$dc/etc/smb.conf" --debug-stdout > "$dc/log/stdout.log" 2>&1 < /dev/null &
ready=
for _ in $(seq 300); do
    if echo "$password" | kinit "Administrator@$realm" > /dev/null 2>&1 && smbclient "//dc1.$domain/sysvol" --use-kerberos=required -c ls > /dev/null 2>&1; then ready=1; break; fi
    sleep 0.1
done
[ -n "$ready" ] || { tail -20 "$dc/log/stdout.log" >&2; exit 1; }
echo ready
while IFS= read -r -u 3 line; do
    code=0
    bash -c "$line" < /dev/null 2>&1 || code=$?
    printf '\nMDB-END %s\n' "$code"
done
