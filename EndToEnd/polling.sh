# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What every end-to-end script needs: to fail with a word, to look into what a command prints, and to wait for things that take an unknown time.

fail() { trap - ERR; echo "FAILED: $*" >&2; exit 1; }
# A command that ends a script because nobody asked how it ended is told as well.
set -E
trap 'echo "FAILED: line $LINENO: $BASH_COMMAND" >&2' ERR
now_ms() { date +%s%3N; }

# shows PATTERN: whether the input has it. Reads all of it: `grep -q` stops at the first hit, and whoever still writes into
# the pipe is then killed by SIGPIPE, which `pipefail` takes for a "no".
shows() { grep "$@" >/dev/null; }

# within SECONDS WHAT COMMAND…: polls until the command succeeds. The seconds are what a machine that is busy with other
# things may take; goals are measured elsewhere.
within() {
    local seconds=$1 what=$2; shift 2
    local deadline=$(($(now_ms) + seconds * 1000))
    until "$@" >/dev/null 2>&1; do
        [ "$(now_ms)" -lt "$deadline" ] || fail "not within $seconds s: $what"
        sleep 0.05
    done
}
