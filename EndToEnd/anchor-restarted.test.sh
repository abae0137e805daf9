#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An anchor that lost its bindings gets them again from the gateway, without anybody's help.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

LIFETIME=60s
STORE=memory
lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all
kill -KILL "$lma_pid"
lma_pid=''
within 20 "the gateway notices" path_is mag 1 silent
start_lma
started=$(now_ms)
within 120 "both paths are back" both_up lma
within 40 "both paths are back at the gateway" both_up mag
echo "measured: registered again $(($(now_ms) - started)) ms after the anchor's start"
within 40 "the host reaches the server again" in_ns host ping -6 -c 1 -W 1 2001:db8:ffff::80
make_file a 4
download ipv4 a
