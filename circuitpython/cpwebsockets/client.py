"""WebSocket client in plain Python: connect().

    import wifi
    import cpwebsockets.client

    with cpwebsockets.client.connect("wss://example.com/feed", wifi.radio) as ws:
        ws.send("hello")
        print(ws.recv())
"""
from .protocol import ConnectionClosed, Websocket, __getattr__  # noqa: F401  HandshakeError and urlparse() are found by the last


class WebsocketClient(Websocket):
    """What connect() returns."""

    is_client = True


def connect(uri, radio=None, **options):
    """Connects to a ws:// or wss:// URL; returns a WebsocketClient.

    radio: wifi.radio, a socket pool, or None for the socket module. ssl_context: for wss; the default one of the firmware
    otherwise. headers: a dict or pairs. subprotocols: in order of preference. origin: of the request. timeout: seconds, for
    connecting and then for each recv() and send(); None waits without end (10 s for connecting), 0 not at all. max_size: bytes
    of a message. buffer_size: bytes, parted between reading and writing; 2048. keepalive: seconds of silence after which the
    server is pinged, and again until it is given up. frame_size: bytes; larger messages go in several frames; 1048576.

    ValueError: a wrong argument. OSError: no connection; its subclass HandshakeError: the server did not open.
    """
    from .opening import connect, give_back
    try:
        return connect(uri, radio, **options)
    finally:
        give_back("opening")
