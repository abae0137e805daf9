#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Our tunnels against the kernel's own devices at the far end, in a User-Mode Linux guest that has them: ip6tnl, sit,
# ipip, fou, and GRE of both families with key and sequence. The anchor's signalling is of another make, too.
set -euo pipefail
cd "$(dirname "$0")/.."
PLAIT=${PLAIT:-$PWD/.build/release/plait}
export PLAIT
UML_ENV=PLAIT Scripts/uml-run -t 240 EndToEnd/kernel-tunnels/guest.sh
