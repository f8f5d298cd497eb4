"""Echoes or sends messages, for counting instructions: python_work.py PACKAGE PORT KIND COUNT SIZE"""
import sys

package, port, kind, count, size = sys.argv[1:]
count, size = int(count), int(size)
client = __import__(package + ".client").client
ws = client.connect("ws://127.0.0.1:%s/%s/%d" % (port, kind, size), None)
message = bytes(size)
if kind == "echo":
    for _ in range(count):
        ws.send(message)
        assert len(ws.recv()) == size
    ws.close()
else:
    for _ in range(count):
        ws.send(message)
