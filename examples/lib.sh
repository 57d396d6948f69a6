# Shared by the scripts that start the examples: sourced, never run. Starts processes, shows what they say, and ends
# all of them with Ctrl-C. What a single run needs (client list, secrets, signing key) is made anew in a private
# directory and gone afterwards; what is installed stays beside the example, outside of git.
# shellcheck shell=bash

set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Loopback never goes through a proxy.
export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1
# Nothing is written beside the sources.
export PYTHONDONTWRITEBYTECODE=1

say() { printf '%s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# need COMMAND HOW: stops when a tool is missing and says how to get it.
need() { command -v "$1" >/dev/null || fail "$1 is missing: $2"; }

# port VARIABLE DEFAULT: prints the port to use, from the variable or the default, which must be free.
port() {
    local number=${!1:-$2}
    (exec 3<> "/dev/tcp/localhost/$number") 2>/dev/null && fail "port $number is in use: set $1 to another one"
    printf '%s\n' "$number"
}

# rust_program PACKAGE: builds a package of this repository and prints the path of its program. With EXAMPLES_BUILT
# all programs are there already.
rust_program() {
    need cargo "install Rust with rustup, https://rustup.rs"
    need cc "install a C compiler: apt-get install gcc libc6-dev"
    if [ -z "${EXAMPLES_BUILT:-}" ]; then
        say "building $1 (the first time takes minutes)" >&2
        cargo build --quiet --locked --manifest-path "$repository/Cargo.toml" --package "$1" >&2 </dev/null ||
            fail "cargo could not build $1"
    fi
    printf '%s\n' "${CARGO_TARGET_DIR:-$repository/target}/debug/$1"
}

# signet_program: the same for signet, or the program that SIGNET_BIN names. Scripts keep it in `signet`.
signet_program() { if [ -n "${SIGNET_BIN:-}" ]; then printf '%s\n' "$SIGNET_BIN"; else rust_program signet; fi; }

# node_packages DIRECTORY: installs what its lock file names, unless it is there already.
node_packages() {
    need node "install Node.js 20 or later"
    need npm "it comes with Node.js"
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return
    say "installing the packages of $1/package-lock.json" >&2
    npm ci --silent --no-audit --no-fund --prefix "$1" >&2 </dev/null || fail "npm ci failed in $1"
    cp "$1/package-lock.json" "$1/node_modules/.installed"
}

# python_packages DIRECTORY: the same for Python, into DIRECTORY/.venv.
python_packages() {
    need python3 "apt-get install python3 python3-venv"
    cmp -s "$1/requirements.txt" "$1/.venv/.installed" && return
    say "installing the packages of $1/requirements.txt" >&2
    rm -rf "$1/.venv"
    python3 -m venv "$1/.venv" >&2 || fail "python3 -m venv failed: apt-get install python3-venv"
    "$1/.venv/bin/pip" --quiet --disable-pip-version-check install --require-hashes -r "$1/requirements.txt" >&2 ||
        fail "pip install failed in $1"
    cp "$1/requirements.txt" "$1/.venv/.installed"
}

# go_program DIRECTORY: builds the Go program there and prints its path.
go_program() {
    need go "install Go 1.25 or later, https://go.dev/dl"
    local program
    program=${CARGO_TARGET_DIR:-$repository/target}/examples/$(basename "$1")
    if [ -z "${EXAMPLES_BUILT:-}" ]; then
        say "building $(basename "$1")" >&2
        GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false" go build -C "$1" -o "$program" . >&2 </dev/null ||
            fail "go build failed in $1"
    fi
    printf '%s\n' "$program"
}

run=$(mktemp -d)
# The program, by signet_program.
signet=

# new_client ID SCOPES: adds a client to $run/clients.yaml; its secret is in $run/ID.secret and nowhere else.
new_client() {
    (umask 077 && "$signet" clients new "$1" --clients "$run/clients.yaml" --scope "$2" > "$run/$1.secret" 2>/dev/null) ||
        fail "signet clients new $1 failed"
}

processes=()
names=()

# start NAME COMMAND…: runs it in the background; every line that it says carries the name.
start() {
    local name=$1
    shift
    "$@" </dev/null > >(while IFS= read -r line; do printf '%-9s| %s\n' "$name" "$line"; done) 2>&1 &
    processes+=("$!")
    names+=("$name")
}

# process_of NAME: the id of a process that was started.
process_of() {
    local index
    for index in "${!names[@]}"; do
        [ "${names[index]}" != "$1" ] || printf '%s\n' "${processes[index]}"
    done
}

# await NAME URL: until what was started under this name answers there.
await() {
    local process
    process=$(process_of "$1")
    need curl "apt-get install curl"
    for _ in $(seq 1 600); do
        kill -0 "$process" 2>/dev/null || fail "$1 stopped before it was ready"
        curl --silent --fail --output /dev/null --max-time 2 "$2" && return
        sleep 0.1
    done
    fail "$1 does not answer at $2 after a minute"
}

# serve_tokens PORT ADMIN_PORT: a signing key, and signet with the client list $run/clients.yaml.
serve_tokens() {
    "$signet" keys new --keys "$run/keys" >/dev/null 2>&1 || fail "signet keys new failed"
    start signet "$signet" serve --issuer "http://localhost:$1" --clients "$run/clients.yaml" --keys "$run/keys" \
        --listen "localhost:$1" --admin-listen "localhost:$2" --log-format human
    await signet "http://localhost:$1/livez"
}

# until_stopped: waits for Ctrl-C. A process that ends early is named; the others go on.
until_stopped() {
    local index reported=''
    while :; do
        for index in "${!processes[@]}"; do
            [[ $reported == *" $index "* ]] || kill -0 "${processes[index]}" 2>/dev/null || {
                say "${names[index]} has stopped; the others go on"
                reported="$reported $index "
            }
        done
        sleep 1 &
        wait $! || true
    done
}

# Ends what was started, the last one first, and gives each ten seconds.
stop() {
    local status=$? index
    trap - EXIT
    trap '' INT TERM HUP
    for ((index = ${#processes[@]} - 1; index >= 0; index--)); do
        # A process that was halted (kill -STOP) has to run to end.
        kill -TERM "${processes[index]}" 2>/dev/null || continue
        kill -CONT "${processes[index]}" 2>/dev/null || true
        for _ in $(seq 1 100); do
            kill -0 "${processes[index]}" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "${processes[index]}" 2>/dev/null && say "${names[index]} had to be killed"
    done
    wait
    rm -rf "$run"
    exit "$status"
}
trap stop EXIT
trap 'say; say "stopping"; exit 0' INT TERM HUP
