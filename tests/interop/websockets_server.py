"""An echo server with Python's websockets: websockets_server.py CERT KEY. Prints the ports for ws:// and wss://."""
import asyncio
import http
import ssl
import sys

import websockets


async def echo(socket, *_):
    async for message in socket:
        await socket.send(message)


async def check_header(path, headers):
    if headers.get("X-Test") != "from the client":
        return http.HTTPStatus.UNAUTHORIZED, [], b"Who are you?\n"


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    for scheme, tls in (("ws", None), ("wss", context)):
        server = await websockets.serve(echo, "127.0.0.1", 0, ssl=tls, max_size=None, subprotocols=["echo.v2"],
                                         process_request=check_header)
        print(scheme, server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


asyncio.run(main())
