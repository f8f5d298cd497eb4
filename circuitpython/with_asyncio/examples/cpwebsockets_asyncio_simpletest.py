"""Two tasks share a connection: one sends, the other receives."""
import asyncio
import os

import wifi

from cpwebsockets_asyncio import connect

URL = os.getenv("WEBSOCKET_URL") or "wss://ws.postman-echo.com/raw"
COUNT = 5


async def sender(ws):
    for number in range(COUNT):
        await ws.send("message %d" % number)
        await asyncio.sleep(0.01)


async def receiver(ws):
    for _ in range(COUNT):
        print("Received", await ws.recv())


async def main():
    async with connect(URL, wifi.radio, timeout=10) as ws:
        await asyncio.gather(sender(ws), receiver(ws))
    print("Closed with code", ws.close_code)


if not wifi.radio.connected:
    wifi.radio.connect(os.getenv("CIRCUITPY_WIFI_SSID"), os.getenv("CIRCUITPY_WIFI_PASSWORD"))
asyncio.run(main())
