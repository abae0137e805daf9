#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Our tunnels against the kernel's own devices at the far end, in a User-Mode Linux guest that has them: ip6tnl, sit,
# ipip, and GRE of both families with key and sequence. The anchor's signalling is of another make, too. MATRIX=all for every
# device, else a part.
set -euo pipefail
cd "$(dirname "$0")/.."
PLAIT=${PLAIT:-$PWD/.build/release/plait}
export PLAIT
if [ "$(uname -m)" != x86_64 ]; then
    echo "measured: nothing, for Debian has a User-Mode Linux for x86_64 only"
    exit 0
fi
UML_ENV="PLAIT MATRIX" Scripts/uml-run -t 400 EndToEnd/kernel-tunnels/guest.sh
