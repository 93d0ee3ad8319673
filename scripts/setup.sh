#!/usr/bin/env bash
# Make .venv hold exactly what requirements.lock says. Quick when it does already.
# PYTHON=/path/to/python chooses the interpreter of a new .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

LOCK=requirements.lock
VENV=.venv
STAMP=$VENV/.synced
CANDIDATES=${PYTHON:-python3.12 python3.13 python3.11 python3.14 python3 python}

say() { printf 'set-up: %s\n' "$*" >&2; }

# pyenv leaves commands that only print an error, and Debian's python3 may lack ensurepip: try each one.
works() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null
}

# A .venv that was moved or copied runs the programs of its old place.
stands_here() { grep -qF "$PWD/$VENV" "$VENV/bin/activate" 2>/dev/null && works "$VENV/bin/python"; }

make_venv() {
    local candidate
    for candidate in $CANDIDATES; do
        if command -v "$candidate" >/dev/null && works "$candidate"; then
            say "making $VENV with $("$candidate" --version)"
            rm -rf "$VENV"
            "$candidate" -m venv "$VENV"
            return
        fi
    done
    say "no working Python 3.11 to 3.14 with the modules venv and ensurepip; tried: $CANDIDATES"
    say "install one (on Debian: apt-get install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3.12"
    return 1
}

# uv is one of the pinned packages, so its hashes are in the lock as well.
install_uv() {
    awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' "$LOCK" >"$VENV/uv.txt"
    if [ "uv==$("$VENV/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" != "$(awk '{print $1; exit}' "$VENV/uv.txt")" ]; then
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$VENV/uv.txt"
    fi
}

# uv does not read pip's configuration: hand on a mirror and a certificate, where pip is told of them.
heed_pip() {
    local mirror
    mirror=${PIP_INDEX_URL:-$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        export UV_DEFAULT_INDEX=$mirror
    fi
    if [ -n "${PIP_CERT:-}" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
        export SSL_CERT_FILE=$PIP_CERT
    fi
}

if stands_here && [ "$(cat "$STAMP" 2>/dev/null)" = "$(cksum <"$LOCK")" ]; then
    exit 0
fi
stands_here || make_venv
rm -f "$STAMP"
say "installing the $(grep -c '^[a-zA-Z0-9].*==' "$LOCK") packages of $LOCK; the first time takes a minute or two"
install_uv
heed_pip
"$VENV/bin/uv" pip sync --quiet --compile-bytecode --python "$VENV/bin/python" --require-hashes "$LOCK"
cksum <"$LOCK" >"$STAMP"
say "done in $SECONDS s"
