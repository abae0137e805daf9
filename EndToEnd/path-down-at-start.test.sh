#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A path that is down, or dead, when the gateway starts does not stop the other.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
# Dead with its carrier up, and the first in the list.
"$PLAIT" lab link wan1 outage=on
start_lma
start_mag
within 40 "the other path is up" path_is mag 2 up
number_host
start_server
make_file a 4
download ipv6 a
"$PLAIT" lab link wan1 outage=off
within 60 "the first path joins" both_up mag
within 30 "the first path joins at the anchor" both_up lma
end "$mag_pid"; mag_pid=''

# Without carrier.
"$PLAIT" lab link wan2 carrier=off
start_mag
within 40 "the first path is up" path_is mag 1 up
"$PLAIT" lab link wan2 carrier=on
within 30 "the second path joins" both_up mag
