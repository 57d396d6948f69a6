# Shared by the scripts in .ci: sourced, never run.
# shellcheck shell=bash

set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repository"
# Everything that a step installs goes here: below target/, so never in git, and kept between runs.
cache=$repository/target/ci
mkdir -p "$cache"
# Nothing is written beside the sources.
export PYTHONDONTWRITEBYTECODE=1

fail() {
    echo "error: $*" >&2
    exit 1
}

# python_environment NAME REQUIREMENT…: prints the directory of a virtual environment that holds exactly these
# pinned packages; made anew when the list or the interpreter changes.
python_environment() {
    local name=$1 directory wanted
    shift
    directory=$cache/python-$name
    wanted="$(python3 --version) $*"
    if [ "$(cat "$directory/.wanted" 2>/dev/null || true)" != "$wanted" ]; then
        rm -rf "$directory"
        python3 -m venv "$directory" >&2 || fail "python3 -m venv failed: install python3-venv"
        "$directory/bin/pip" --quiet --disable-pip-version-check install "$@" >&2 ||
            fail "could not install $*"
        printf '%s' "$wanted" > "$directory/.wanted"
    fi
    printf '%s\n' "$directory"
}

# debian_package COMMAND PACKAGE: installs PACKAGE when COMMAND is missing and this is a Debian-like root.
debian_package() {
    command -v "$1" >/dev/null && return
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >&2 </dev/null
    fi
    command -v "$1" >/dev/null || fail "$1 is missing: install the package $2"
}
