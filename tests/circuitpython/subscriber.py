#!/usr/bin/env python3
"""Runs a subscriber example against a server that drops it, and then closes in order: subscriber.py COMMAND... The example must
connect again each time, subscribe again, and print every message."""
import asyncio
import os
import sys

import websockets

TIMEOUT = 60


async def main(command):
    connections = 0
    subscribed = asyncio.Event()

    async def feed(socket, *_):
        nonlocal connections
        connections += 1
        number = connections
        assert await socket.recv() == '{"subscribe": "ticker"}'
        for tick in range(3):
            await socket.send(f"tick {number}.{tick}")
        if number == 1:
            socket.transport.abort()
        elif number == 2:
            await socket.close()
        else:
            subscribed.set()
            await socket.wait_closed()

    server = await websockets.serve(feed, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    example = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "WEBSOCKET_URL": f"ws://127.0.0.1:{port}/"}, stdout=asyncio.subprocess.PIPE)
    lines = []

    async def read():
        while (line := await example.stdout.readline()):
            lines.append(line.decode().rstrip())
            if line == b"Received tick 3.2\n":
                return

    try:
        await asyncio.wait_for(read(), TIMEOUT)
        await asyncio.wait_for(subscribed.wait(), TIMEOUT)
    finally:
        print("\n".join(lines))
        example.kill()
        await example.wait()
    ticks = [f"Received tick {number}.{tick}" for number in (2, 3) for tick in range(3)]
    assert [line for line in lines if line.startswith(("Received tick 2", "Received tick 3"))] == ticks
    assert any(line.startswith("Disconnected: ") for line in lines)
    assert "The server closed the connection" in lines


asyncio.run(main(sys.argv[1:]))
