#!/bin/sh
# The demo, run by with_server.sh: demo.sh EXAMPLE. Shows what the example says to the echo server, over ws:// and wss://.
set -eu
echo "The echo server listens on $WS_URL and $WSS_URL"
for url in "$WS_URL" "$WSS_URL"; do
  echo
  timeout 30 "$1" "$url"
done
