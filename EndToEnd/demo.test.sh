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
for capture in "$captures"/*.pcap; do
    .venv/bin/python Scripts/check-signalling.py "$capture" --key 000102030405060708090a0b0c0d0e0f
done
