"""Echoes messages, for counting instructions: echo_work.py PORT COUNT SIZE"""
import sys

import cpwebsockets.client

port, count, size = (int(argument) for argument in sys.argv[1:])
ws = cpwebsockets.client.connect("ws://127.0.0.1:%d/echo/%d" % (port, size))
message = bytes(size)
for _ in range(count):
    ws.send(message)
    assert len(ws.recv()) == size
ws.close()
