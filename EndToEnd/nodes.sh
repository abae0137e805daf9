# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# What the tests of mobile nodes on access links share; sourced behind library.sh.

POOLS='    ipv4-home-addresses: { from: 10.9.0.0/24 }'
DELEGATED=ipv6
NODES=''

# node_mac NUMBER
node_mac() { printf '02:00:5e:10:00:%02x' "$1"; }

# add_access GATEWAY: its access link, a bridge that nodes are plugged into.
add_access() { in_ns "$1" sh -c 'ip link add acc0 address 02:00:5e:20:00:01 type bridge forward_delay 0 mcast_snooping 0; ip link set acc0 up'; }

# add_node NUMBER GATEWAY: a host of that link-layer address, as a distribution would set it up, on the gateway's access link.
add_node() {
    local node=node$1
    ip netns add "plait-$node"
    NODES="$NODES plait-$node"
    in_ns "$node" sh -c 'ip link set lo up; echo 2 >/proc/sys/net/ipv6/conf/default/accept_ra'
    ip -n "plait-$node" link add eth0 address "$(node_mac "$1")" type veth peer name "to$1" netns "plait-$2"
    in_ns "$2" ip link set "to$1" master acc0 up
    in_ns "$node" ip link set eth0 up
}

# replug NUMBER: as when it comes anew.
replug() { in_ns "node$1" sh -c 'ip link set eth0 down; ip link set eth0 up'; }

# move_node NUMBER FROM TO
move_node() {
    ip -n "plait-$2" link set "to$1" netns "plait-$3"
    in_ns "$3" ip link set "to$1" master acc0 up
}

# add_panel NUMBER GATEWAY…: the node's cable goes to a patch panel, which every gateway's access link has a cable to. The
# gateways keep their carrier, as with switches or access points between, and a move costs next to no time of the kernel's own.
add_panel() {
    local number=$1 home=$2 gateway; shift
    ip netns add plait-panel
    NODES="$NODES plait-panel"
    for gateway in "$@"; do
        ip -n plait-panel link add "at-$gateway" up type bridge forward_delay 0 mcast_snooping 0
        ip -n plait-panel link add "to-$gateway" up master "at-$gateway" type veth peer name panel netns "plait-$gateway"
        ip -n "plait-$gateway" link set panel master acc0 up
    done
    ip -n "plait-$home" link set "to$number" netns plait-panel
    ip -n plait-panel link set "to$number" master "at-$home" up
}

# plug_node NUMBER GATEWAY: prints how long it took.
plug_node() {
    local begin
    begin=$(date +%s%N)
    printf 'link set to%s %s\n' "$1" down "$1" "master at-$2" "$1" up | ip -n plait-panel -batch -
    echo "measured: the cable is replugged within $((($(date +%s%N) - begin) / 1000000)) ms"
}

# configure_nodes FILE: mobile nodes 1 and 2 have profiles, the first IPv4 as well.
configure_nodes() {
    sed -i -e '/^  lan:/d' -e '/^  mobile-node:/d' "$1"
    cat >>"$1" <<YAML
  access:
    - { interface: acc0, dns: ["2001:db8:53::53", 192.0.2.53], probe-after: 2s }
  mobile-nodes:
    - { identifier: phone@nodes.example.net, mac: "$(node_mac 1)", ipv4: true }
    - { identifier: tablet@nodes.example.net, mac: "$(node_mac 2)" }
  firewall: { inbound: allow }
YAML
    "$PLAIT" check "$1"
}

# permit_nodes: the anchor lets both gateways register them.
permit_nodes() {
    sed -i -e 's/\[cpe[12]@example.net\]/["@nodes.example.net"]/' "$work/lma.yaml"
    "$PLAIT" check "$work/lma.yaml"
}

# What dhclient was given last is in the file; it configures the host as a distribution's script does.
write_dhclient_script() {
    cat >"$work/dhclient.sh" <<SH
#!/bin/sh
case \$reason in
    BOUND | RENEW | REBIND | REBOOT)
        ip address replace "\$new_ip_address/\$new_subnet_mask" dev "\$interface"
        ip route replace default via "\$new_routers" dev "\$interface" \${new_interface_mtu:+mtu "\$new_interface_mtu"}
        echo "\$reason \$new_ip_address \$new_subnet_mask \$new_routers \$new_dhcp_server_identifier \$new_interface_mtu" >>"$work/dhclient" ;;
esac
SH
    chmod +x "$work/dhclient.sh"
    touch "$work/dhclient" "$work/dhclient.leases"
    echo 'request subnet-mask, routers, interface-mtu, domain-name-servers;' >"$work/dhclient.conf"
}

# start_dhclient NUMBER
start_dhclient() {
    ip netns exec "plait-node$1" dhclient -4 -d -sf "$work/dhclient.sh" -lf "$work/dhclient.leases" \
        -pf "$work/dhclient.pid" -cf "$work/dhclient.conf" eth0 >"$work/dhclient.log" 2>&1 &
    watchers+=($!)
}

# in_network ADDRESS NUMBER: the address of that number in the /64 of another, however either is written.
in_network() {
    python3 -c 'import ipaddress, sys; print(ipaddress.ip_network(sys.argv[1] + "/64", strict=False)[int(sys.argv[2], 16)])' "$@"
}

node_ipv6() { in_ns "node$1" ip -6 -o addr show dev eth0 scope global -deprecated | grep -o '2001:db8:1234:[^/]*' | sed -n 1p; }
has_ipv6() { [ -n "$(node_ipv6 "$1")" ]; }
# session GATEWAY NODE STATE: the gateway's or anchor's view of the node's bindings.
registered() { query "$1" bindings "any(b['mobileNode'] == '$2@nodes.example.net' for b in d)" >/dev/null; }
