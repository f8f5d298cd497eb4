"""Subscribes to a feed, and stays subscribed; a lamp goes on blinking all the while."""
import asyncio
import os

import wifi

from cpwebsockets.protocol import ConnectionClosed
from cpwebsockets_asyncio import connect

URL = os.getenv("WEBSOCKET_URL") or "wss://example.com/feed"
SUBSCRIPTION = '{"subscribe": "ticker"}'


async def blink():
    lit = False
    while True:
        lit = not lit  # led.value = lit, where the board has an LED
        await asyncio.sleep(0.5)


async def subscribe():
    async with connect(URL, wifi.radio, timeout=10, keepalive=20, max_size=4096) as ws:
        await ws.send(SUBSCRIPTION)
        async for message in ws:
            print("Received", message)


async def stay_subscribed():
    wait = 1
    while True:
        try:
            if not wifi.radio.connected:
                wifi.radio.connect(os.getenv("CIRCUITPY_WIFI_SSID"), os.getenv("CIRCUITPY_WIFI_PASSWORD"))
            await subscribe()
            print("The server closed the connection")
            wait = 1
        except (OSError, ConnectionClosed) as error:
            print("Disconnected:", error)
            wait = min(2 * wait, 60)
        await asyncio.sleep(wait)


async def main():
    await asyncio.gather(blink(), stay_subscribed())


asyncio.run(main())
