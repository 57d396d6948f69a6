#!/bin/sh
# Reads the catalog with the client in credentials.json, and shows that it may not write. Needs curl.
set -eu
cd "$(dirname "$0")"

value() { sed -n "s/^  \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" credentials.json; }
api=$(value api)

# Secrets go through standard input: arguments are visible to everybody on this machine.
token=$(printf 'user = "%s:%s"\n' "$(value client_id)" "$(value client_secret)" |
    curl --silent --show-error --fail --max-time 10 --config - \
        --data grant_type=client_credentials "$(value token_endpoint)" |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
[ -n "$token" ] || { echo "error: the token service gave no token" >&2; exit 1; }

call() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl --silent --show-error --max-time 10 --config - --write-out '\n%{http_code}' "$@"
}

answer=$(call "$api/books")
status=$(printf '%s\n' "$answer" | tail -n 1)
echo "read: $status"
printf '%s\n' "$answer" | sed '$d'
[ "$status" = 200 ] || exit 1

answer=$(call --header 'Content-Type: application/json' --data '{"title": "Sartor Resartus"}' "$api/books")
status=$(printf '%s\n' "$answer" | tail -n 1)
echo "write: $status $(printf '%s\n' "$answer" | sed -n 's/.*"error":"\([a-z_]*\)".*/\1/p')"
[ "$status" = 403 ] || { echo "error: it should have been refused" >&2; exit 1; }
echo "That is as it should be: this client may only read."
