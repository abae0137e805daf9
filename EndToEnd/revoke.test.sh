#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An operator takes a path and a session back: traffic goes on over the other path, the revoked ones stay away, and come
# back when the gateway is notified, or starts anew.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

registration() { query "$1" paths "[p for p in d if p['bindingIdentifier'] == $2][0]['registration'] == '$3'"; }
sent() { counter mag signalling_sent_pbu; }
# has_sent NUMBER: so many updates at least.
has_sent() { [ "$(sent)" -ge "$1" ]; }
# tell STATUS ARGUMENT…: has the daemon do it; the exit code must be that.
tell() {
    local expected=$1 status=0; shift
    "$PLAIT" "$@" >"$work/said" 2>&1 || status=$?
    [ "$status" = "$expected" ] || { cat "$work/said"; fail "plait $*: exit code $status, not $expected"; }
}
says() { shows -e "$1" <"$work/said" || { cat "$work/said"; fail "not said: $1"; }; }

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all
make_file a 8
download ipv6 a >"$work/speed" &
transfer=$!
within 30 "the download runs" query mag paths "min(p['received']['octets'] for p in d) > 300000"

tell 0 revoke session cpe1@example.net --binding 2 --socket "$work/lma.sock"
says 'cpe1@example.net/2 *revoked'
within 20 "the anchor has let go" query lma paths "[p['bindingIdentifier'] for p in d] == [1]"
within 20 "the gateway has let go" registration mag 2 revoked
wait "$transfer" || fail "the download broke"
cat "$work/speed"
updates=$(sent)
registration mag 2 revoked >/dev/null || fail "the revoked path was registered again"

tell 0 notify cpe1@example.net re-register --socket "$work/lma.sock"
says 'cpe1@example.net *sent'
within 20 "the path is back at the gateway" both_up mag
within 20 "the path is back at the anchor" both_up lma
has_sent $((updates + 2)) || fail "notified, the gateway did not register every path"

updates=$(sent)
tell 0 notify --gateway mag1@example.net re-register --acknowledged --json --socket "$work/lma.sock"
says '"outcome" : "answered: success"'
within 20 "the gateway has refreshed both paths" has_sent $((updates + 2))

# All of it: nothing is left, and nobody says good-bye once more.
updates=$(sent)
tell 0 revoke session cpe1@example.net --socket "$work/lma.sock"
says 'cpe1@example.net *revoked'
query lma bindings "d == []" >/dev/null || fail "the anchor still has the session"
within 20 "the gateway has let go of all paths" query mag paths "{p['registration'] for p in d} == {'revoked'}"
[ "$(sent)" = "$updates" ] || fail "the gateway has de-registered what was revoked"

# What is not there, and who cannot.
tell 1 revoke session cpe1@example.net --socket "$work/lma.sock"
says 'no mobile node cpe1@example.net has a session'
tell 1 revoke gateway nobody@example.net --socket "$work/lma.sock"
tell 1 revoke all --socket "$work/mag.sock"
says 'not an anchor'
tell 2 revoke all --socket "$work/nobody.sock"
tell 64 revoke session cpe1@example.net --binding 255 --socket "$work/lma.sock"

stop mag
start_mag
within 20 "both paths are up after a new start" both_up mag
tell 0 revoke all --socket "$work/lma.sock"
says 'all bindings *revoked'
within 20 "the gateway has nothing left" query mag paths "{p['registration'] for p in d} == {'revoked'}"
