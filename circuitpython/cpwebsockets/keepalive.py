"""Pings, pongs and keepalive, and the wait of the closing handshake: it is in `_keepalive`, too, in milliseconds."""
from os import urandom

from .receiving import flush
from .sending import fails, now, ticks_diff


def bounded(ws, timeout):
    """`timeout`, or less if the connection itself has something to do before; now is the time for it when it is due."""
    closing = getattr(ws, "_closing", None)  # when it began
    left = ws._keepalive - ticks_diff(now(), ws._heard if closing is None else closing)
    if left <= 0:
        if closing is not None:
            fails(ws, "lost", "the server did not finish the closing handshake in time")
        if getattr(ws, "_asked", None) == ws._heard:  # nothing has come since the ping
            fails(ws, "lost", "the peer went silent: no byte came after a ping")
        ws._heard = ws._asked = now() - 1
        if not ws.pending_bytes and ws._sent_close is None:
            set_ping(ws, urandom(4))
            ws._head, ws._rest, ws._size = 0x89, ws._ping, 4
            flush(ws)
        else:
            ws._asked = None
        left = ws._keepalive
    return left if timeout is None or left < timeout else timeout


def set_ping(ws, data):
    ws._ping, ws._pinged = data, now()


def on_control(ws, opcode, payload):
    """A ping or pong that has come."""
    if opcode == 9:
        if ws._sent_close is None:
            ws._pong = payload  # of the latest ping, if they come faster than pongs go
            flush(ws)
    elif payload == getattr(ws, "_ping", None):
        ws.latency = ticks_diff(now(), ws._pinged) / 1000
        ws._ping = None
