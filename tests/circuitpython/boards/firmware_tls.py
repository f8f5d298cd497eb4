"""wss over a Wiznet chip by the TLS of the firmware, which is a stand-in over MicroPython's; run by with_server.sh."""
import os
import time

import cpwebsockets.client
from hardware import BOARDS

URL = os.getenv("WSS_URL").replace("127.0.0.1", "localhost")


def refused(board, url):
    try:
        cpwebsockets.client.connect(url, board.pool, timeout=20)
    except OSError as error:
        assert not isinstance(error, cpwebsockets.client.HandshakeError), error
        assert board.open_sockets == 0, board.open_sockets
        return
    raise AssertionError("no error")


def main():
    board = BOARDS["wiznet"]()
    with cpwebsockets.client.connect(URL, board.pool, timeout=20) as ws:
        for size in (0, 1, 125, 126, 1000, 5000):
            ws.send("a" * size)
            assert ws.recv() == "a" * size, size
        ws.settimeout(0)
        assert ws.recv() is None
        ws.settimeout(0.1)
        begin = time.time()
        try:
            raise AssertionError(ws.recv())
        except OSError as error:
            assert error.args[0] == 110 and time.time() - begin < 2, error
        ws.settimeout(20)
        ws.send(b"goes on")
        assert ws.recv() == b"goes on"
    assert ws.close_code == 1000 and board.open_sockets == 0
    for _ in range(10):  # more than the chip has sockets
        refused(board, URL.replace("localhost", "127.0.0.1"))  # the certificate is for another name
    with cpwebsockets.client.connect(URL, board.pool, timeout=20) as ws:
        ws.send("still there")
        assert ws.recv() == "still there"
    print("1 passed, 0 failed")


main()
