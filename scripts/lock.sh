#!/usr/bin/env bash
# Write requirements.lock and requirements.txt from pyproject.toml. Pins stay where they still fit;
# UPGRADE=1 takes the newest of everything, UPGRADE="duckdb pandas" of these.
set -euo pipefail
cd "$(dirname "$0")/.."

options=()
case ${UPGRADE:-} in
    "") ;;
    1) options+=(--upgrade) ;;
    *) for package in $UPGRADE; do options+=(--upgrade-package "$package"); done ;;
esac

.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
    --group airflow --group dev --custom-compile-command "make lock" "${options[@]}" \
    pyproject.toml -o requirements.lock
.venv/bin/python scripts/requirements.py
