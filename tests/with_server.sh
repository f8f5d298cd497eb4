#!/bin/sh
# Runs a command beside the bundled echo server: with_server.sh CPWS COMMAND [ARGUMENT...]. The server listens on free
# loopback ports, with a certificate made on the spot by a local CA. The command finds it by WS_URL, WSS_URL, CPWS_CACERT.
set -eu
cpws=$1
shift
work=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM

"$(dirname "$0")/make_certs.sh" "$work/certs"
"$cpws" serve --port 0 --tls-port 0 --cert "$work/certs/server.pem" --key "$work/certs/server.key" > "$work/log" &
server=$!
for _ in $(seq 600); do
  grep -q wss:// "$work/log" && break
  sleep 0.1
done
url() { sed -n "s|.* \($1://.*\)|\1|p" "$work/log"; }
WS_URL=$(url ws) WSS_URL=$(url wss) CPWS_CACERT=$work/certs/ca.pem
export WS_URL WSS_URL CPWS_CACERT
[ -n "$WSS_URL" ] || { echo "$cpws serve did not start"; exit 1; }
"$@"
