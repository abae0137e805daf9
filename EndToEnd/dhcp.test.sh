#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Hosts get their IPv4 addresses from the gateway by DHCP (RFC 2131), as two makes of clients ask for them: of the delegated
# prefix, the same ones after the gateway was killed, and of the private network once no prefix is delegated any more.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
LAN='dhcp: { lease: 2m }'
lab_up --wan1 rate=20mbit --wan2 rate=20mbit
configure
# A resolver over IPv4 as well.
sed -i 's/dns: \[/dns: [192.0.2.53, /' "$work/mag.yaml"
"$PLAIT" check "$work/mag.yaml"

# Writes down what the client was given, and configures it as a host does; nothing of the machine's own is touched.
cat >"$work/udhcpc.sh" <<'SH'
#!/bin/sh
case $1 in
    bound | renew)
        ip address replace "$ip/$mask" dev "$interface"
        ip route replace default via "$router" dev "$interface"
        echo "$1 $ip/$mask router=$router dns=$dns mtu=$mtu lease=$lease" >>"$NOTES" ;;
esac
SH
# It is run without our environment.
cat >"$work/dhclient.sh" <<SH
#!/bin/sh
case \$reason in
    BOUND | RENEW | REBOOT)
        echo "\$new_ip_address \$new_subnet_mask \$new_routers \$new_domain_name_servers" >>"$work/dhclient" ;;
esac
SH
chmod +x "$work"/*.sh
touch "$work/udhcpc" "$work/dhclient" "$work/dhclient.leases"

# ask [ADDRESS]: udhcpc as a host without an address, or as one that had that.
ask() {
    in_ns host ip -4 addr flush dev eth0
    in_ns host env NOTES="$work/udhcpc" busybox udhcpc -i eth0 -n -q -f -t 10 -T 1 -O mtu ${1:+-r "$1"} -s "$work/udhcpc.sh" ||
        fail "udhcpc was given no address"
    tail -n 1 "$work/udhcpc"
}

start_lma
start_mag
within 15 "both paths are up at the gateway" both_up mag
within 15 "both paths are up at the anchor" both_up lma

given=$(ask)
echo "$given" | shows -E '^bound 10\.20\.0\.[0-9]+/24 router=10\.20\.0\.1 dns=192\.0\.2\.53 mtu=1[34][0-9][0-9] lease=120$' ||
    fail "udhcpc was given: $given"
within 10 "the host reaches the server with its address" in_ns host ping -4 -c 1 -W 1 192.0.3.80
first=$(echo "$given" | sed 's/bound \(.*\)\/24 .*/\1/')

# A client of another make, that names itself otherwise: the address above is the same machine's, and still another's.
# reboot_dhclient: as a host does that was away; its notes are what it was given last.
reboot_dhclient() {
    local pid
    : >"$work/dhclient"
    in_ns host dhclient -1 -4 -d -sf "$work/dhclient.sh" -lf "$work/dhclient.leases" \
        -pf "$work/dhclient.pid" -cf /dev/null eth0 >"$work/dhclient.log" 2>&1 &
    pid=$!
    within 20 "dhclient is given an address" test -s "$work/dhclient"
    kill "$pid"
    wait "$pid" || true
}
reboot_dhclient
shows -E '^10\.20\.0\.[0-9]+ 255\.255\.255\.0 10\.20\.0\.1 192\.0\.2\.53$' <"$work/dhclient" ||
    fail "dhclient was given: $(cat "$work/dhclient")"
shows "^$first " <"$work/dhclient" && fail "both clients were given $first"

# What was given is forgotten, and given again.
kill -KILL "$mag_pid"
wait "$mag_pid" 2>/dev/null || true
start_mag
within 15 "both paths are up again" both_up mag
again=$(ask "$first")
echo "$again" | shows "^bound $first/24 " || fail "after the gateway was killed udhcpc was given: $again"

# Another network: who comes with an address of the old one is refused, and given one of the new one.
stop mag
stop lma
DELEGATED=ipv6 MOBILE_NODE='ipv4-home-address: true' LAN='ipv4: 192.168.77.1/24, dhcp: {}'
POOLS='    ipv4-home-addresses: { from: 10.9.0.0/24, upstream: nat }' LMA_MORE='  upstream: { interface: inet0 }'
configure
start_lma
start_mag
within 15 "both paths are up with a private network" both_up mag
reboot_dhclient
shows DHCPNAK <"$work/dhclient.log" || fail "the address of the old network was not refused"
shows -E '^192\.168\.77\.[0-9]+ ' <"$work/dhclient" || fail "dhclient was given: $(cat "$work/dhclient")"
new=$(ask)
echo "$new" | shows -E '^bound 192\.168\.77\.[0-9]+/24 router=192\.168\.77\.1 ' || fail "udhcpc was given: $new"
within 10 "the host reaches the server by the home address" in_ns host ping -4 -c 1 -W 1 192.0.3.80
