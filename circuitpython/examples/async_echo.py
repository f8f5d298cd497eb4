"""Two asyncio tasks share a connection: one sends, one receives. A timeout of 0 makes recv() return None at once, so that
neither holds up the other. The same works in the loop of a game."""
import asyncio
import os

import wifi

import cpwebsockets.client

URL = os.getenv("WEBSOCKET_URL") or "wss://ws.postman-echo.com/raw"
COUNT = 5


async def sender(ws):
    for number in range(COUNT):
        ws.send("message %d" % number)
        await asyncio.sleep(0.01)


async def receiver(ws):
    received = 0
    while received < COUNT:
        message = ws.recv()
        if message is None:
            await asyncio.sleep(0.001)
        else:
            print("Received", message)
            received += 1


async def main():
    with cpwebsockets.client.connect(URL, wifi.radio, timeout=0) as ws:
        await asyncio.gather(sender(ws), receiver(ws))
    print("Closed with code", ws.close_code)


if not wifi.radio.connected:
    wifi.radio.connect(os.getenv("CIRCUITPY_WIFI_SSID"), os.getenv("CIRCUITPY_WIFI_PASSWORD"))
asyncio.run(main())
