"""WebSocket messages, the closing handshake, and what goes wrong (RFC 6455).

Not thread-safe: one call at a time for a connection.
"""
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

OP_CONT: int
OP_TEXT: int
OP_BYTES: int
OP_CLOSE: int
OP_PING: int
OP_PONG: int

CLOSE_OK: int
CLOSE_GOING_AWAY: int
CLOSE_PROTOCOL_ERROR: int
CLOSE_DATA_NOT_SUPPORTED: int
CLOSE_NO_STATUS: int
CLOSE_ABNORMAL: int
CLOSE_BAD_DATA: int
CLOSE_POLICY_VIOLATION: int
CLOSE_TOO_BIG: int
CLOSE_MISSING_EXTN: int
CLOSE_BAD_CONDITION: int

Buffer = bytes | bytearray | memoryview

class NoDataException(Exception):
    """read_frame(): nothing has come within the timeout. Nothing is lost: call again."""

class ConnectionClosed(Exception):
    """The connection has ended."""

    code: int
    """The close code that the peer sent; 1005: a close frame without one; 1006: there was no close frame."""
    reason: str
    """The peer's reason, or what happened."""
    by: str
    """Who ended it: "us", "peer" or "network"."""
    def __init__(self, code: int = 1006, reason: str = "", by: str = "network") -> None: ...

class ProtocolError(ConnectionClosed):
    """The server broke the protocol; `code` is what it was told (RFC 6455 §7.4.1)."""

class URI(NamedTuple):
    protocol: str
    hostname: str
    port: int
    path: str

def urlparse(uri: str) -> URI:
    """Splits a ws:// or wss:// URL (RFC 6455 §3); `path` has the query as well.

    ValueError says what is wrong with it.
    """

class _Socket(Protocol):
    """What CircuitPython, AirLift, Wiznet and CPython call a socket."""

    @property
    def recv_into(self) -> Callable[..., int]: ...
    def send(self, data: Any, /) -> int: ...
    def settimeout(self, value: Any, /) -> object: ...
    def close(self) -> object: ...

class _Stream(Protocol):
    """What MicroPython calls one: a stream that can be polled."""

    def readinto(self, buffer: Any, /) -> int | None: ...
    def write(self, data: Any, /) -> int | None: ...
    def close(self) -> object: ...

class Websocket:
    """One connection over a connected socket whose opening handshake is done, on the server's side.

    sock: has recv_into() or recv(), send(), close(), and settimeout(); or is one of MicroPython's. The options are those of
    cpwebsockets.client.connect().
    """

    is_client: bool
    @property
    def open(self) -> bool:
        """False when the connection has ended."""
    @property
    def close_code(self) -> int | None:
        """None while it is open; then the code in the peer's close frame, 1005 or 1006 as in ConnectionClosed."""
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
        """Bytes that send() has taken and the socket has not: they leave with the next calls of any kind."""
    @property
    def more(self) -> bool:
        """recv_into(): the message goes on."""
    @property
    def is_text(self) -> bool:
        """recv_into(): the message is text."""
    def __init__(self, sock: _Socket | _Stream, *, timeout: float | None = None, max_size: int | None = None, buffer_size: int = 2048,
                 keepalive: float | None = None, frame_size: int = 1048576) -> None: ...
    def send(self, buf: str | Buffer, *, more: bool = False) -> None:
        """Sends a message: str as text, others as binary. It is taken as a whole or not at all.

        more: the message goes on with the next send(), which takes the same kind. OSError(11) with a timeout of 0, or
        OSError(110): an earlier message still waits for the socket, and this one was not taken. What the socket does not take
        in time leaves with the next calls: see `pending_bytes`. ConnectionClosed: the end. ValueError: a str with surrogates.
        TypeError: something else. RuntimeError: after the close frame, or inside another call on this connection.
        """
    def recv(self) -> str | bytes | None:
        """The next message: str or bytes.

        With a timeout of 0, None when there is none. OSError(110): none came in time, and the next call goes on where this
        one stopped. ConnectionClosed: the end. MemoryError: it was too large, and the connection has ended (1009).
        """
    def recv_into(self, buffer: bytearray | memoryview) -> int | None:
        """A part of the next message, as much as has come and fits; the number of bytes. See `more` and `is_text`. The
        timeout is as for recv(). ValueError: the buffer is empty."""
    def ping(self, data: Buffer = b"") -> None:
        """Sends a ping of at most 125 bytes (RFC 6455 §5.5.2), else ValueError. Its pong comes in during recv()."""
    def close(self, code: int = 1000, reason: str = "") -> None:
        """The closing handshake (RFC 6455 §7): tells the server, waits for its answer, at most 5 s, and closes the socket.
        Messages that come meanwhile are dropped. Closing what is closed does nothing.

        code: 1000 to 1003, 1007 to 1014, 3000 to 4999. reason: at most 123 bytes of UTF-8. Else ValueError.
        """
    def settimeout(self, timeout: float | None) -> None:
        """Seconds that recv() and send() may wait: None without end, 0 not at all. ValueError: not in 0 to 999,999."""
    def read_frame(self, max_size: int | None = None) -> tuple[bool, int, bytes]:
        """(fin, opcode, data) of the next data frame; control frames are handled. NoDataException: nothing came in time.
        max_size: bytes, above which the connection ends with 1009."""
    def write_frame(self, opcode: int, data: Buffer = b"", fin: bool = True) -> None:
        """Sends one frame (the native module: as many as its buffer takes). A close frame starts the closing handshake:
        recv() goes on to its end."""
    def __enter__(self) -> Websocket: ...
    def __exit__(self, exc_type: object, exc: object, tb: object) -> None: ...
    def __iter__(self) -> Websocket:
        """Messages until the server closes with 1000, 1001 or without a code; ConnectionClosed for other ends."""
    def __next__(self) -> str | bytes | None: ...
