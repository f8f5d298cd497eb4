"""Read by mypy only: what CircuitPython, MicroPython and CPython bring is what connect() and Websocket take, and results are what
programs take them for. Where mypy must object stands what it must be told to ignore, and it reports what is ignored in vain."""
import asyncio
import socket
import ssl
from typing import assert_type

import socketpool
import wifi

import cpwebsockets.client
from cpwebsockets.client import HandshakeError, WebsocketClient, connect
from cpwebsockets.protocol import ConnectionClosed, ProtocolError, Websocket
from cpwebsockets_asyncio import AsyncWebsocket
from cpwebsockets_asyncio import connect as connect_async


class AirLiftSocket:
    """As adafruit_esp32spi_socketpool.Socket writes it."""

    def send(self, data: bytes) -> int: return 0
    def recv_into(self, buffer: bytearray, nbytes: int = 0) -> int: return 0
    def settimeout(self, value: float) -> None: ...
    def close(self) -> None: ...


class MicroPythonSocket:
    def readinto(self, buffer: bytearray) -> int | None: return 0
    def write(self, data: bytes) -> int | None: return 0
    def setblocking(self, flag: bool) -> None: ...
    def close(self) -> None: ...


def radios() -> None:
    connect("ws://localhost/")
    connect("ws://localhost/", wifi.radio)
    connect("ws://localhost/", socketpool.SocketPool(wifi.radio))
    connect("ws://localhost/", socket)
    connect("wss://localhost/", wifi.radio, ssl_context=ssl.create_default_context())
    connect("ws://localhost/", "wifi")  # type: ignore[arg-type]
    connect("ws://localhost/", wifi)  # type: ignore[arg-type]
    connect("wss://localhost/", wifi.radio, ssl_context=True)  # type: ignore[arg-type]
    connect(b"ws://localhost/")  # type: ignore[arg-type]
    connect("ws://localhost/", wifi.radio, None)  # type: ignore[call-arg]


def sockets() -> None:
    pool = socketpool.SocketPool(wifi.radio)
    Websocket(pool.socket(pool.AF_INET, pool.SOCK_STREAM), timeout=0)
    Websocket(socket.socket(), max_size=100, keepalive=20)
    Websocket(AirLiftSocket())
    Websocket(MicroPythonSocket())
    Websocket(pool)  # type: ignore[arg-type]
    Websocket(5)  # type: ignore[arg-type]


def messages(ws: WebsocketClient) -> None:
    assert_type(ws.recv(), str | bytes | None)
    assert_type(ws.recv_into(bytearray(9)), int | None)
    assert_type(ws.close_code, int | None)
    ws.recv_into(b"not to be written to")  # type: ignore[arg-type]
    ws.send("text")
    ws.send(memoryview(b"bytes"), more=True)
    ws.send(5)  # type: ignore[arg-type]
    ws.send("text", True)  # type: ignore[call-arg]
    for message in ws:
        assert_type(message, str | bytes | None)
    with ws as same:
        same.ping(b"x")


def exceptions() -> None:
    try:
        cpwebsockets.client.connect("ws://localhost/", headers={"X": "y"}, subprotocols=["a"])
    except HandshakeError as error:
        assert_type(error.status, int)
        assert_type(error.headers, dict[str, str])
    except ProtocolError as error:
        assert_type(error.code, int)
    except ConnectionClosed as closed:
        assert_type(closed.reason, str)


async def tasks() -> None:
    ws = await connect_async("ws://localhost/", wifi.radio, timeout=10, poll=0.1)
    assert_type(ws, AsyncWebsocket)
    async with connect_async("ws://localhost/") as ws:
        assert_type(await ws.recv(), str | bytes)
        assert_type(await asyncio.wait_for(ws.recv(timeout=1), 2), str | bytes)
        await ws.send(b"x")
        await ws.send(5)  # type: ignore[arg-type]
        async for message in ws:
            assert_type(message, str | bytes)
    async with AsyncWebsocket(connect("ws://localhost/")) as ws:
        assert_type(ws.pending_bytes, int)
