"""Sends a line to an echo server, and prints what comes back: on MicroPython, whose socket module needs no radio object, and on
a desktop. Connect to the network before. For wss:// give connect() an ssl_context that has the CAs to trust."""
import os

import cpwebsockets.client

URL = "ws://192.168.1.2:8080/"
if hasattr(os, "getenv"):  # not on MicroPython's boards
    URL = os.getenv("WEBSOCKET_URL") or URL

with cpwebsockets.client.connect(URL, timeout=10) as ws:
    print("Connected to", URL)
    message = "The quick brown fox jumps over the lazy dog\r\n"
    ws.send(message)
    reply = ws.recv()
    print("Received", repr(reply))
    if reply != message:
        raise RuntimeError("the reply is not what was sent")
print("Closed with code", ws.close_code)
