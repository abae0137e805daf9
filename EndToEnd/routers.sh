# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A router behind the gateway that asks for a prefix by DHCPv6, and a host behind that.
#
#   plait-mag lan0 ── eth0 plait-host ═ (becomes a router) ═ inner ── eth0 plait-behind

# shellcheck source=EndToEnd/library.sh
. "$(dirname "${BASH_SOURCE[0]}")/library.sh"

client_pid=''
# shellcheck disable=SC2154  # it is assigned in the trap itself
trap 'status=$?; set +e; end "$client_pid"; ip netns delete plait-behind 2>/dev/null; (exit "$status"); cleanup' EXIT

router_up() {
    ip netns add plait-behind
    in_ns host ip link add inner type veth peer name eth0 netns plait-behind
    in_ns host ip link set inner up
    in_ns behind ip link set lo up
    in_ns behind ip link set eth0 up
    in_ns host sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# wide_config BITS: wide-dhcpv6 numbers the link below by itself, from the first /64 of what it is given, which has so many
# bits of /64s.
wide_config() {
    cat >"$work/dhcp6c.conf" <<CONF
interface eth0 { send ia-pd 1; request domain-name-servers; script "$work/told.sh"; };
id-assoc pd 1 { prefix-interface inner { sla-id 0; sla-len $1; ifid 1; }; };
CONF
    cat >"$work/told.sh" <<SH
#!/bin/sh
echo "\$new_domain_name_servers" >>"$work/servers"
SH
    chmod +x "$work/told.sh"
    touch "$work/servers"
}

ask_wide() {
    ip netns exec plait-host dhcp6c -f -D -c "$work/dhcp6c.conf" -p "$work/dhcp6c.pid" eth0 >>"$work/dhcp6c.log" 2>&1 &
    client_pid=$!
}

# Another make of client.
ask_dhcpcd() {
    cat >"$work/dhcpcd.conf" <<CONF
duid
noipv4
noipv6rs
waitip 6
script /bin/true
interface eth0
  ia_pd 2
CONF
    ip netns exec plait-host dhcpcd -B -d -f "$work/dhcpcd.conf" eth0 >"$work/dhcpcd.log" 2>&1 &
    client_pid=$!
}

# In good order: it gives its prefix back.
end_client() {
    end "$client_pid"
    client_pid=''
}

# What the gateway routes to the router.
delegated() { in_ns mag ip -6 route show proto 213 dev lan0 | sed -n 's/^\(2001:db8:[57][^ ]*\) via fe80:.*/\1/p'; }
has_delegated() { [ -n "$(delegated)" ]; }
has_none() { [ -z "$(delegated)" ]; }
sent() { grep -c 'client6_send: send' "$work/dhcp6c.log"; }

# The host behind the router, numbered like the router, from a prefix that begins so.
numbered() { in_ns host ip -6 -o addr show dev inner scope global | shows "$1"; }
number_behind() {
    local router
    router=$(in_ns host ip -6 -o addr show dev inner scope global | grep -o "$1[^/]*" | sed -n 1p)
    behind=${router%1}99
    in_ns behind ip -6 addr flush dev eth0 scope global
    in_ns behind ip -6 addr add "$behind/64" dev eth0 nodad
    in_ns behind ip -6 route replace default via "$router"
}
reaches() { in_ns behind ping -6 -c 1 -W 1 2001:db8:ffff::80; }
