#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Puts the independent decoder that check-signalling.py asks into .venv, at the version its verdicts were read from.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=1.5.0b14
if .venv/bin/python -c 'import pcapkit, sys; sys.exit(pcapkit.__version__ != "'$wanted'")' 2>/dev/null; then exit 0; fi
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --pre "pypcapkit==$wanted"
