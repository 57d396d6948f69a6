#!/bin/sh
# What a pull request that touches the client list has to pass, and what it says about access.
# One script for the workflow, the GitLab template and the hook, so that all of them ask the same.
#
#   clients.sh check            the form of the files, then all findings; SIGNET_FORMAT=github annotates the lines
#   clients.sh diff BASE        the change in access since BASE, as Markdown on standard output
#
# CLIENTS is the directory or file of the list (default: clients), SIGNET the program (default: signet).
set -eu
clients=${CLIENTS:-clients}
signet=${SIGNET:-signet}

case ${1:-} in
check)
    status=0
    "$signet" fmt --check "$clients" --format human || status=$?
    "$signet" check --clients "$clients" --clients-only --deny warnings || status=$?
    exit "$status"
    ;;
diff)
    "$signet" diff "${2:?clients.sh diff BASE}:$clients" "$clients" --format markdown
    ;;
*)
    echo "usage: clients.sh check | clients.sh diff BASE" >&2
    exit 2
    ;;
esac
