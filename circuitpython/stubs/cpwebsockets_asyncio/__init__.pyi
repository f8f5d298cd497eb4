"""asyncio for cpwebsockets: the same connection, for programs made of tasks.

One task receives, any number of tasks send. Waiting is polling: after 0, 1, 2, 4 ... ms, and then every `poll` seconds.
"""
from collections.abc import Generator, Iterable, Mapping

import wifi

from cpwebsockets.client import _SocketPool, _SSLContext
from cpwebsockets.protocol import Websocket

Buffer = bytes | bytearray | memoryview

def connect(uri: str, radio: wifi.Radio | _SocketPool | None = None, *, poll: float = 0.02, ssl_context: _SSLContext | None = None,
            headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None, subprotocols: Iterable[str] | None = None,
            origin: str | None = None, timeout: float | None = None, max_size: int | None = None, buffer_size: int = 2048,
            keepalive: float | None = None, frame_size: int = 1048576) -> Connecting:
    """`async with connect(...) as ws`, or `ws = await connect(...)`.

    Arguments and exceptions are those of cpwebsockets.client.connect(), whose `timeout` is for connecting only. The other
    tasks wait while it connects: name resolution and TLS are the firmware's, which does them in one go.
    """

class Connecting:
    """What connect() returns: it connects when it is awaited or entered."""

    def __await__(self) -> Generator[object, object, AsyncWebsocket]: ...
    async def __aenter__(self) -> AsyncWebsocket: ...
    async def __aexit__(self, exc_type: object, exc: object, tb: object) -> None: ...

class AsyncWebsocket:
    """A connection for tasks, over what cpwebsockets.client.connect() returned."""

    @property
    def open(self) -> bool:
        """False when the connection has ended."""
    @property
    def close_code(self) -> int | None: ...
    @property
    def close_reason(self) -> str: ...
    @property
    def subprotocol(self) -> str | None:
        """The one that the server chose."""
    @property
    def latency(self) -> float | None:
        """Seconds that the latest ping took; None before the first answer."""
    @property
    def pending_bytes(self) -> int:
        """Bytes taken by send() that the socket has not taken yet."""
    def __init__(self, ws: Websocket, *, poll: float = 0.02) -> None: ...
    async def recv(self, timeout: float | None = None) -> str | bytes:
        """The next message. Cancelled, or with asyncio.TimeoutError after `timeout` seconds, it has taken nothing: call
        again. ConnectionClosed: the end. RuntimeError: another task is receiving."""
    async def send(self, data: str | Buffer) -> None:
        """Sends a message, str as text, others as binary, after those of other tasks that came before. Cancelled, it has
        sent the message as a whole or not at all. It returns when the socket has the message; the rest of one leaves later
        only if a message has come meanwhile that no task receives."""
    async def ping(self, data: Buffer = b"") -> None:
        """Sends a ping of at most 125 bytes, else ValueError; `latency` tells the answer's time when a recv() has met it."""
    async def close(self, code: int = 1000, reason: str = "") -> None:
        """The closing handshake: tells the server and waits at most 5 s for its answer. Messages that come meanwhile are
        dropped, unless a task is receiving. Closing what is closed does nothing."""
    async def __aenter__(self) -> AsyncWebsocket: ...
    async def __aexit__(self, exc_type: object, exc: object, tb: object) -> None: ...
    def __aiter__(self) -> AsyncWebsocket:
        """Messages until the server closes with 1000, 1001 or without a code; ConnectionClosed for other ends."""
    async def __anext__(self) -> str | bytes: ...
