"""A callback of the interpreter's and another thread that use a connection while a call is under way on it."""
import time

from cpwebsockets.client import connect
from fake_socket import FakePool, FakeSocket, frame

try:
    import micropython
except ImportError:
    micropython = None


def a_call_from_a_callback_or_a_thread_is_refused():
    """While recv() waits in its socket, a callback that the interpreter runs, and another thread, call the same connection."""
    class Waiting(FakeSocket):
        begin, told = None, None

        def recv_into(self, view, size=0):
            if self.begin:
                begin, self.begin = self.begin, None
                begin()
                end = time.time() + 60
                while not self.told and time.time() < end:
                    pass  # the callback runs between two bytecodes, the thread beside them
            return super().recv_into(view, size)

    def call_it(sock):
        try:
            sock.ws.send("x")
            sock.told = "not refused"
        except RuntimeError as error:
            sock.told = error.args

    ways = []
    try:
        import _thread
        ways.append(lambda sock: _thread.start_new_thread(call_it, (sock,)))
    except ImportError:
        pass  # a board without threads
    if hasattr(micropython, "schedule"):
        ways.append(lambda sock: micropython.schedule(call_it, sock))
    for way in ways:
        sock = Waiting(frame(1, b"hello"), read_size=1)
        sock.ws = ws = connect("ws://board.example/", FakePool(sock), timeout=60)
        sock.begin = lambda: way(sock)
        assert ws.recv() == "hello"
        assert sock.told == ("another call is using this connection",), sock.told
        ws.send("and on")
        assert sock.frames == [(0x81, b"and on")], sock.frames


a_call_from_a_callback_or_a_thread_is_refused()
print("ok")
