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

# program: prints the path of the program under test.
program() {
    local binary=${SIGNET_BIN:-$repository/target/debug/signet}
    [ -x "$binary" ] || fail "$binary is missing: run cargo build first"
    printf '%s\n' "$binary"
}

# settings_exist BINARY FILE…: every SIGNET_ variable that the files name is one of `signet serve`.
settings_exist() {
    local binary=$1 help name names
    shift
    # The help wraps its lines anywhere.
    help=$("$binary" serve --help | tr -s ' \n' ' ') || fail "$binary serve --help failed"
    names=$(grep -ohE 'SIGNET_[A-Z_]+' "$@" | sort -u)
    [ -n "$names" ] || fail "no variable in $*"
    for name in $names; do
        grep -qF "[env: $name]" <<< "$help" || fail "$*: signet serve has no variable $name"
    done
    echo "settings: $(wc -w <<< "$names") variables of $(basename "$1"), all known to signet serve"
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

# interop_python: prints the virtual environment of tests/interop.
interop_python() {
    local requirements
    mapfile -t requirements < tests/interop/python/requirements.txt
    python_environment interop "${requirements[@]}"
}

# interop_node: prints the directory that holds the node_modules of tests/interop.
interop_node() {
    local node=$cache/node-interop
    mkdir -p "$node"
    if ! cmp -s tests/interop/node/package.json "$node/.wanted"; then
        rm -rf "$node" && mkdir -p "$node"
        cp tests/interop/node/package.json "$node/package.json"
        npm install --silent --no-audit --no-fund --no-package-lock --prefix "$node" </dev/null >&2 ||
            fail "npm install failed"
        cp tests/interop/node/package.json "$node/.wanted"
    fi
    printf '%s\n' "$node"
}

# interop_go, interop_rust, interop_java: build what sends requests with the libraries of that language in
# tests/interop, and print the command. Versions are pinned in go.sum, Cargo.lock and pom.xml.
interop_go() {
    command -v go > /dev/null || fail "go is missing: install Go 1.25 or later"
    GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false" \
        go build -C tests/interop/go -o "$cache/go-interop" . >&2 || fail "could not build tests/interop/go"
    printf '%s\n' "$cache/go-interop"
}
interop_rust() {
    cargo build --quiet --locked --manifest-path tests/interop/rust/Cargo.toml --target-dir "$cache/rust-interop" >&2 ||
        fail "could not build tests/interop/rust"
    printf '%s\n' "$cache/rust-interop/debug/signet-interop"
}
interop_java() {
    local java
    java=$(java_packages interop tests/interop/java/pom.xml) || exit 1
    javac -cp "$java/lib/*" -d "$java/classes" tests/interop/java/StockClient.java >&2 ||
        fail "could not compile tests/interop/java"
    printf "java -cp '%s' StockClient\n" "$java/classes:$java/lib/*"
}

# java_packages NAME POM: prints a directory whose lib/ holds what POM depends on.
java_packages() {
    local java=$cache/java-$1
    command -v mvn > /dev/null || fail "mvn is missing: install the package maven"
    command -v javac > /dev/null || fail "javac is missing: install a JDK 17 or later, openjdk-17-jdk-headless say"
    if ! cmp -s "$2" "$java/.wanted"; then
        rm -rf "$java" && mkdir -p "$java"
        mvn --quiet --batch-mode --file "$2" \
            org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
            -DoutputDirectory="$java/lib" </dev/null >&2 || fail "could not fetch what $2 names"
        cp "$2" "$java/.wanted"
    fi
    printf '%s\n' "$java"
}

# free_ports: the default ports of `signet dev` when all three are free, otherwise three free ones.
free_ports() {
    python3 - <<'PYTHON'
import socket

def bound(port, family, address):
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        return probe.getsockname()[1]

try:
    for port in (8080, 9443, 9090):
        bound(port, socket.AF_INET, "127.0.0.1")
        if socket.has_ipv6:
            try:
                bound(port, socket.AF_INET6, "::1")
            except OSError as error:
                if error.errno == 98:
                    raise
    print("8080 9443 9090")
except OSError:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    print(*(each.getsockname()[1] for each in sockets))
PYTHON
}

# start_dev BINARY LOG ARGUMENT…: starts `signet dev` and waits until both listeners answer. Sets `http`,
# `https` and `admin` to its ports. `stop_dev` ends it.
dev_server=
http='' https='' admin=''
start_dev() {
    local binary=$1 log=$2 listen=()
    shift 2
    read -r http https admin < <(free_ports)
    if [ "$http $https $admin" != "8080 9443 9090" ]; then
        echo "a default port is taken: signet dev runs on $http (http), $https (https), $admin (admin) instead"
        listen=(--listen "localhost:$http" --tls-listen "localhost:$https" --admin-listen "127.0.0.1:$admin")
    fi
    "$binary" dev "$@" ${listen[@]+"${listen[@]}"} > "$log" 2>&1 </dev/null &
    dev_server=$!
    for _ in $(seq 1 150); do
        kill -0 "$dev_server" 2>/dev/null || { tail -n 40 "$log" >&2; fail "signet dev stopped"; }
        curl --silent --fail --output /dev/null "http://127.0.0.1:$http/livez" &&
            curl --silent --fail --insecure --output /dev/null "https://127.0.0.1:$https/livez" && return
        sleep 0.2
    done
    tail -n 40 "$log" >&2
    fail "signet dev is not alive after 30 s"
}
stop_dev() {
    [ -z "$dev_server" ] || { kill "$dev_server" 2>/dev/null && wait "$dev_server" 2>/dev/null; } || true
    dev_server=
}
