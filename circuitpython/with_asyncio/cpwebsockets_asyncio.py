"""asyncio for cpwebsockets: the same connection, for programs made of tasks.

    import asyncio
    import wifi
    from cpwebsockets_asyncio import connect

    async def main():
        async with connect("wss://example.com/feed", wifi.radio) as ws:
            await ws.send("hello")
            async for message in ws:
                print(message)

    asyncio.run(main())

A module of its own, because firmware that has the native `cpwebsockets` looks for no files of that name. It runs over the
native module and over the folder, with the asyncio of CircuitPython, MicroPython and CPython.

Waiting is polling: no device tells asyncio what its TLS or its radio has buffered. A waiting task looks again after 0, 1, 2,
4 ... ms, and from then on every `poll` seconds (0.02).
"""
import asyncio
import time

import cpwebsockets.client
from cpwebsockets.protocol import CLOSE_GOING_AWAY, CLOSE_NO_STATUS, CLOSE_OK, OP_CLOSE, ConnectionClosed

__version__ = "0.1.0"
__repo__ = "https://cpwebsockets.invalid/CircuitPython_cpwebsockets_asyncio.git"

_EAGAIN = 11
_CLOSE_TIMEOUT = 5  # seconds, for the server's close frame

# Milliseconds, from a clock that wraps around on MicroPython.
_now = getattr(time, "ticks_ms", None) or (lambda: time.monotonic_ns() // 1000000)
_difference = getattr(time, "ticks_diff", None) or (lambda end, begin: end - begin)


def _seconds_since(then):
    return _difference(_now(), then) / 1000


def connect(uri, radio=None, *, poll=0.02, **options):
    """`async with connect(...) as ws`, or `ws = await connect(...)`: an AsyncWebsocket.

    Arguments and exceptions are those of cpwebsockets.client.connect(), whose `timeout` is for connecting only. The other
    tasks wait while it connects: name resolution and TLS are the firmware's, which does them in one go.
    """
    return Connecting(uri, radio, poll, options)


class Connecting:
    """What connect() returns: it connects when it is awaited or entered."""

    def __init__(self, uri, radio, poll, options):
        self._arguments = uri, radio, options
        self._poll = poll

    async def _open(self):
        uri, radio, options = self._arguments
        return AsyncWebsocket(cpwebsockets.client.connect(uri, radio, **options), poll=self._poll)

    def __await__(self):
        return self._open().__await__()

    def __iter__(self):  # what `await` calls on MicroPython
        return self._open()

    async def __aenter__(self):
        self._connected = await self._open()
        return self._connected

    async def __aexit__(self, exc_type, exc, tb):
        await self._connected.close()


class AsyncWebsocket:
    """A connection for tasks, over what cpwebsockets.client.connect() returned. One task receives, any number send."""

    def __init__(self, ws, *, poll=0.02):
        ws.settimeout(0)
        self._ws = ws
        self._poll = poll
        self._sending = asyncio.Lock()
        self._receiving = False
        self._closing = False
        self._inbox = None  # a message that came while a send() pushed, and nobody was receiving

    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        await self.close()

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.recv()
        except ConnectionClosed as closed:
            if closed.code in (CLOSE_OK, CLOSE_GOING_AWAY, CLOSE_NO_STATUS) and closed.by != "network":
                raise StopAsyncIteration
            raise

    @property
    def open(self):
        """False when the connection has ended."""
        return self._ws.open

    @property
    def close_code(self):
        return self._ws.close_code

    @property
    def close_reason(self):
        return self._ws.close_reason

    @property
    def subprotocol(self):
        """The one that the server chose, or None."""
        return self._ws.subprotocol

    @property
    def latency(self):
        """Seconds that the latest ping took; None before the first answer."""
        return self._ws.latency

    @property
    def pending_bytes(self):
        """Bytes taken by send() that the socket has not taken yet."""
        return self._ws.pending_bytes

    async def recv(self, timeout=None):
        """The next message: str or bytes. Cancelled, or with asyncio.TimeoutError after `timeout` seconds, it has taken
        nothing: call again. ConnectionClosed: the end. RuntimeError: another task is receiving."""
        if self._receiving:
            raise RuntimeError("another task is receiving on this connection")
        self._receiving = True
        try:
            begin, delay = _now(), 0
            while True:
                # Before a message is taken, so that what comes without a pause leaves the other tasks their turn.
                await asyncio.sleep(delay)
                message, self._inbox = self._inbox, None
                if message is None:
                    message = self._ws.recv()
                if message is not None:
                    return message
                if timeout is not None and _seconds_since(begin) >= timeout:
                    raise asyncio.TimeoutError
                delay = self._longer(delay)
        finally:
            self._receiving = False

    async def send(self, data):
        """Sends a message, str as text, others as binary, after those of other tasks that came before. Cancelled, it has
        sent the message as a whole or not at all. It returns when the socket has the message; the rest of one leaves later
        only if a message has come meanwhile that no task receives."""
        async with self._sending:
            await self._when_taken(self._ws.send, data)
            delay = 0
            while self._ws.pending_bytes:
                if not self._receiving:  # every call pushes, and this one takes at most one message
                    if self._inbox is not None:
                        return
                    self._inbox = self._ws.recv()
                await asyncio.sleep(delay)
                delay = self._longer(delay)

    async def ping(self, data=b""):
        """Sends a ping of at most 125 bytes; `latency` tells the answer's time when a recv() has met it."""
        await self._when_taken(self._ws.ping, data)

    async def _when_taken(self, call, data):
        delay = 0
        while True:
            await asyncio.sleep(delay)
            try:
                return call(data)
            except OSError as error:
                if error.args[0] != _EAGAIN:
                    raise
            delay = self._longer(delay)

    async def close(self, code=CLOSE_OK, reason=""):
        """The closing handshake: tells the server and waits at most 5 s for its answer. Messages that come meanwhile are
        dropped, unless a task is receiving. Closing what is closed does nothing."""
        if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
            raise ValueError("a close code is 1000-1003, 1007-1014 or 3000-4999")
        payload = bytes((code >> 8, code & 0xFF)) + reason.encode()
        if len(payload) > 125:
            raise ValueError("a reason is UTF-8 of at most 123 bytes")
        begin, delay, told = _now(), 0, self._closing
        try:
            while self._ws.open and _seconds_since(begin) < _CLOSE_TIMEOUT:
                if not told:
                    told = self._tell(payload)
                if self._ws.open and not self._receiving:
                    self._ws.recv()
                await asyncio.sleep(delay)
                delay = self._longer(delay)
        except ConnectionClosed:
            pass
        finally:
            if self._ws.open:  # out of time, or cancelled
                self._ws.settimeout(0.001)
                self._ws.close(code, reason)

    def _tell(self, payload):
        """The close frame; False if it had no room yet."""
        try:
            self._ws.write_frame(OP_CLOSE, payload)
            self._closing = True
        except OSError as error:
            if error.args[0] != _EAGAIN:
                raise
        return self._closing

    def _longer(self, delay):
        return min(delay * 2 or 0.001, self._poll)
