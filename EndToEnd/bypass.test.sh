#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Traffic past the anchor by rule: what the rule means leaves by the line of its label, with that line's address; the rest
# goes through the tunnel with the site's. A line that dies, by its carrier or without a sign, gives way to the next label.
# What a killed gateway leaves of it goes; without the rule everything is back in the tunnel.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

second_server_pid=''
end_server() { end "$second_server_pid"; cleanup; }
trap end_server EXIT

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
MAG_MORE='  policy:
    - name: web
      match: { remote: [192.0.3.0/24, "2001:db8:ffff::/64"], protocol: tcp, remote-port: 80 }
      bypass: [9, 11]'
configure
# The access networks lead to the server as well.
for number in 1 2; do
    in_ns wan$number ip -6 route add 2001:db8:ffff::/64 via 2001:db8:c$number::2
    in_ns wan$number ip route add 192.0.3.0/24 via 198.18.$number.2
done
own() { in_ns mag ip "$1" -o addr show dev "$2" scope global | grep -o 'inet6\? [^/]*' | sed 's/.* //;q'; }
four=http://192.0.3.80 six='http://[2001:db8:ffff::80]'

# seen URL LOG: as whom the server sees the host.
seen() {
    in_ns host curl -sf --max-time 2 -o /dev/null "$1" || return 1
    tail -n 1 "$2" | sed 's/^::ffff://; s/ .*//'
}
# by WAN: whether both families leave by it.
by() {
    [ "$(seen $four/ "$work/server.log")" = "$(own -4 "$1")" ] && [ "$(seen "$six/" "$work/server.log")" = "$(own -6 "$1")" ]
}
in_tunnel() { seen "$four$1/" "$2" | shows '^10\.20\.0\.2$' && seen "$six$1/" "$2" | shows '^2001:db8:56'; }

start_all
(cd "$work/www" && exec ip netns exec plait-server python3 -m http.server --bind :: 81) >"$work/server81.log" 2>&1 &
second_server_pid=$!
within 20 "what the rule means leaves by the line of the first label" by wan2
within 20 "the rest goes through the tunnel" in_tunnel :81 "$work/server81.log"
in_ns mag ip rule
make_file a 4
download ipv4 a
download ipv6 a

"$PLAIT" lab link wan2 carrier=off
within 20 "without its carrier the line gives way" by wan1
"$PLAIT" lab link wan2 carrier=on
within 40 "the line is back" by wan2
"$PLAIT" lab link wan2 outage=on
within 40 "a line that carries nothing gives way" by wan1
"$PLAIT" lab link wan2 outage=off
within 40 "the line is back once more" by wan2

kill -KILL "$mag_pid"
wait "$mag_pid" || true
in_ns mag ip rule | shows fwmark || fail "nothing was left: this test shows nothing"
MAG_MORE=''
configure
start_mag
within 40 "both paths are up again" both_up mag
in_ns mag sh -c 'ip rule; ip -6 rule; nft list ruleset; ip route show table all; ip -6 route show table all' >"$work/left"
! grep -e fwmark -e 'meta mark' -e 'table 20000[0-9]*50[12]' "$work/left" || fail "something was left of the rule"
within 30 "without the rule, all is back in the tunnel" in_tunnel '' "$work/server.log"
stop mag
stop lma
echo "bypass: all as it should be"
