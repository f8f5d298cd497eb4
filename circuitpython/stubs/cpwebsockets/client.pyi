"""WebSocket client: connect() and the opening handshake (RFC 6455 §4)."""
from collections.abc import Callable
from typing import Any, Iterable, Mapping, Protocol

import wifi

from .protocol import ConnectionClosed as ConnectionClosed
from .protocol import Websocket as Websocket
from .protocol import urlparse as urlparse

class HandshakeError(OSError):
    """The server did not open."""

    status: int
    """Its HTTP status when it refused, else 0."""
    headers: dict[str, str]
    """Its header fields, with names in lower case; what is not ASCII is '?'."""
    body: bytes
    """The first bytes of what it said."""

class WebsocketClient(Websocket):
    """What connect() returns. It can be made of a socket whose opening handshake is done, too."""

class _SocketPool(Protocol):
    """CircuitPython's socketpool.SocketPool, the pools of AirLift and Wiznet, and the module socket."""

    @property
    def SOCK_STREAM(self) -> int: ...
    @property
    def getaddrinfo(self) -> Callable[..., Any]: ...
    @property
    def socket(self) -> Callable[..., Any]: ...

class _SSLContext(Protocol):
    """The firmware's ssl.SSLContext, or adafruit_connection_manager.get_radio_ssl_context(radio) for AirLift."""

    @property
    def wrap_socket(self) -> Callable[..., Any]: ...

def connect(uri: str, radio: wifi.Radio | _SocketPool | None = None, *, ssl_context: _SSLContext | None = None,
            headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None, subprotocols: Iterable[str] | None = None,
            origin: str | None = None, timeout: float | None = None, max_size: int | None = None, buffer_size: int = 2048,
            keepalive: float | None = None, frame_size: int = 1048576) -> WebsocketClient:
    """Connects to a ws:// or wss:// URL.

    radio: wifi.radio, a socket pool (AirLift's and Wiznet's too), or None for the socket module. ssl_context: for wss; None:
    the firmware's default one. headers: further fields of the request. subprotocols: in order of preference. timeout:
    seconds, for connecting and then for each recv() and send(); None waits without end (10 s for connecting), 0 not at all.
    max_size: bytes of a message; None: no limit. buffer_size: bytes of the connection's buffer, at least 1024; the header of
    the server's response must fit the native module's. keepalive: seconds of silence after which the server is pinged, and
    again until it is given up; None: never. frame_size: bytes, at least 1, that leave in one frame; larger messages leave in
    several.

    ValueError, TypeError: a wrong argument, found before there is a socket. OSError: no connection. HandshakeError: the
    server did not open.
    """
