#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo itself, and three judges of its signalling that share no code with us: tshark, pypcapkit, and an authenticator
# recomputed from octets alone.
set -euo pipefail
cd "$(dirname "$0")/.."
PLAIT=${PLAIT:-$PWD/.build/release/plait}
captures=$(mktemp -d)
trap 'rm -rf "$captures"' EXIT
"$PLAIT" lab demo --capture "$captures"
judge() { .venv/bin/python Scripts/check-signalling.py "$captures/$1.pcap" --key 000102030405060708090a0b0c0d0e0f "${@:2}"; }
judge wan1 --at-least 10 --expect 64:mag1@example.net --expect 63:att=8,label=11,bid=1
judge wan2 --at-least 10 --expect 64:mag1@example.net --expect 63:att=3,label=9,bid=2
