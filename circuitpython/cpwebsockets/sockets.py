"""What kind of socket a connection has is judged here, once, by what it shows. CircuitPython's, MicroPython's and CPython's are
taken as they are, and TLS over them; those of network hardware get the usual ways by hardware.py."""


def use(ws, sock):
    # MicroPython's sockets are read without waiting, and poll waits: their readinto() waits until the buffer is full, and so does
    # the recv_into() that some of their TLS sockets have.
    ws._polls = hasattr(sock, "readinto")
    if not ws._polls and (hasattr(sock, "_interface") or not hasattr(sock, "recv_into")):
        from .hardware import adapted
        sock = adapted(sock)
    ws._sock = sock
    ws._recv = sock.readinto if ws._polls else sock.recv_into
    ws._send = sock.write if ws._polls else sock.send
    ws._set_limit = getattr(sock, "settimeout", None) or (lambda seconds: sock.setblocking(seconds != 0))
    ws._limit = -1  # set on the socket; -1: not known
    ws._polled = 0  # what _poll waits for
    ws._drained = False  # the last read has taken all there was
    ws._error = None  # of the socket, when move() said -1; None: the stream has ended
    ws.open = True
