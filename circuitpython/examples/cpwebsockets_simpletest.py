"""Sends a line to an echo server, and prints what comes back. On a board: copy the folder cpwebsockets to CIRCUITPY/lib."""
import os

import wifi

import cpwebsockets.client

URL = os.getenv("WEBSOCKET_URL") or "wss://ws.postman-echo.com/raw"

if not wifi.radio.connected:
    wifi.radio.connect(os.getenv("CIRCUITPY_WIFI_SSID"), os.getenv("CIRCUITPY_WIFI_PASSWORD"))

with cpwebsockets.client.connect(URL, wifi.radio, timeout=10) as ws:
    print("Connected to", URL)
    message = "The quick brown fox jumps over the lazy dog\r\n"
    ws.send(message)
    reply = ws.recv()
    print("Received", repr(reply))
    if reply != message:
        raise RuntimeError("the reply is not what was sent")
print("Closed with code", ws.close_code)
