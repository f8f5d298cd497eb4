#!/bin/sh
# The demo: demo.sh CPWS EXAMPLE. Starts the bundled echo server for ws:// and wss:// on free loopback ports, with a
# certificate made on the spot by a local CA, and runs the example against both.
set -eu
cpws=$1 example=$2
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT INT TERM

echo "Making a CA and a certificate for localhost"
"$(dirname "$0")/make_certs.sh" "$work/certs"
"$cpws" serve --port 0 --tls-port 0 --cert "$work/certs/server.pem" --key "$work/certs/server.key" > "$work/log" &
server=$!
for _ in $(seq 50); do
  grep -q wss:// "$work/log" && break
  sleep 0.1
done
cat "$work/log"
for scheme in ws wss; do
  url=$(sed -n "s|.* \($scheme://.*\)|\1|p" "$work/log")
  echo
  CPWS_CACERT="$work/certs/ca.pem" timeout 30 "$example" "$url"
done
