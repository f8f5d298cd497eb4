"""Subscribes to a feed, and stays subscribed: connects again when the connection has ended, later each time."""
import os
import time

import wifi

import cpwebsockets.client
from cpwebsockets.protocol import ConnectionClosed

URL = os.getenv("WEBSOCKET_URL") or "wss://example.com/feed"
SUBSCRIPTION = '{"subscribe": "ticker"}'


def subscribe():
    # keepalive: a server that says nothing for 20 s is pinged, and given up after another 20 s.
    with cpwebsockets.client.connect(URL, wifi.radio, keepalive=20, max_size=4096) as ws:
        ws.send(SUBSCRIPTION)
        for message in ws:
            print("Received", message)


wait = 1
while True:
    try:
        if not wifi.radio.connected:
            wifi.radio.connect(os.getenv("CIRCUITPY_WIFI_SSID"), os.getenv("CIRCUITPY_WIFI_PASSWORD"))
        subscribe()
        print("The server closed the connection")
        wait = 1
    except (OSError, ConnectionClosed) as error:
        print("Disconnected:", error)
        wait = min(2 * wait, 60)
    time.sleep(wait)
