"""The Python client against the echo server, over ws:// and wss://: on MicroPython by its own sockets, and by the stand-ins
for CircuitPython's. Run by with_server.sh."""
import os
import sys

import cpwebsockets.client

MESSAGES = [kind(unit * size) for size in (0, 1, 125, 126, 1000, 30000) for kind, unit in ((str, "a"), (bytes, b"\x00"))] + ["größe €😀" * 3000]
EXPECTED_WRONG = "wss://127.0.0.1"


def talk(url, *args, **options):
    with cpwebsockets.client.connect(url, *args, subprotocols=["echo"], headers={"X-Board": "test"}, timeout=10, **options) as ws:
        for message in MESSAGES:
            ws.send(message if isinstance(message, str) else memoryview(message))
            reply = ws.recv()
            assert reply == message, (len(message), len(reply))
        assert ws.subprotocol is None
        ws.ping(b"measure")
        ws.send("after the ping")
        assert ws.recv() == "after the ping" and ws.latency is not None
        ws.send("stream" * 5000, more=True)
        ws.send("end")
        buffer, size = bytearray(700), 0
        while True:
            size += ws.recv_into(buffer)
            if not ws.more:
                break
        assert size == 30003 and ws.is_text
    assert ws.close_code == 1000 and not ws.open
    print("ok", url)


def refuses(what, *args, **options):
    try:
        cpwebsockets.client.connect(*args, timeout=5, **options)
    except (OSError, ValueError) as error:
        print("ok", what, error)
        return
    raise AssertionError(what)


def main():
    ws_url, wss_url = os.getenv("WS_URL"), os.getenv("WSS_URL").replace("127.0.0.1", "localhost")
    talk(ws_url)
    if sys.implementation.name == "micropython":
        import wifi
        talk(ws_url, wifi.radio)
        import tls
        context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        context.verify_mode = tls.CERT_REQUIRED
        with open(os.getenv("CPWS_CACERT"), "rb") as file:
            context.load_verify_locations(file.read())
        talk(wss_url, ssl_context=context)
        talk(wss_url, wifi.radio)
        stranger = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        stranger.verify_mode = tls.CERT_REQUIRED
        refuses("an unknown CA", wss_url, ssl_context=stranger)
        refuses("a wrong name", wss_url.replace("localhost", "127.1"), ssl_context=context)
    else:
        import ssl
        context = ssl.create_default_context(cafile=os.getenv("CPWS_CACERT"))
        talk(wss_url, ssl_context=context)
        refuses("an unknown CA", wss_url)
    refuses("no server", "ws://127.0.0.1:1/")


main()
