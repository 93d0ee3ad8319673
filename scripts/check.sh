#!/usr/bin/env bash
# Run every linter, each one even if another has failed, and say which did.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
PATH=$PWD/.venv/bin:$PATH

failed=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

check() {
    local name=$1 began=$SECONDS
    shift
    if "$@" >"$log" 2>&1; then
        printf '  ok      %-14s %3d s\n' "$name" $((SECONDS - began))
    else
        printf '  FAILED  %-14s %3d s   %s\n' "$name" $((SECONDS - began)) "$*"
        sed 's/^/    /' "$log"
        failed+=("$name")
    fi
}

python_folders=(plugins/costspike dags demo scripts benchmarks tests)
shell_files=(.ci/run scripts/*.sh)

check format ruff format --check --quiet .
check lint ruff check --quiet .
check types mypy "${python_folders[@]}"
check architecture env PYTHONPATH=plugins lint-imports
check sql sqlfluff lint --disable-progress-bar include/sql
check spelling codespell --ignore-words-list agos,chanel,caf --skip requirements.lock,LICENSE,var,./logs,'*.json,*.ambr,*.svg'
check yaml yamllint --strict .astro airflow_settings.yaml include monitoring
check shell shellcheck "${shell_files[@]}"

if [ ${#failed[@]} -gt 0 ]; then
    printf 'check: failed: %s\n' "${failed[*]}"
    exit 1
fi
