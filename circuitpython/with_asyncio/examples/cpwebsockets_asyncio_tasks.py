"""Several sensors report over one connection, each at its own pace, while another task takes the server's answers. A task that
has waited too long for an answer is cancelled; nothing is lost by that."""
import asyncio
import os

import wifi

from cpwebsockets_asyncio import connect

URL = os.getenv("WEBSOCKET_URL") or "wss://ws.postman-echo.com/raw"
REPORTS = 3


async def sensor(ws, name, seconds):
    for number in range(REPORTS):
        await ws.send('{"%s": %d}' % (name, number))  # any number of tasks may send
        await asyncio.sleep(seconds)


async def answers(ws, count):
    while count:
        try:
            print("Received", await ws.recv(timeout=1))
            count -= 1
        except asyncio.TimeoutError:
            print("No answer for a second")


async def main():
    async with connect(URL, wifi.radio, timeout=10) as ws:
        await asyncio.gather(
            sensor(ws, "temperature", 0.02), sensor(ws, "humidity", 0.03), sensor(ws, "pressure", 0.05), answers(ws, 3 * REPORTS))
    print("Closed with code", ws.close_code)


if not wifi.radio.connected:
    wifi.radio.connect(os.getenv("CIRCUITPY_WIFI_SSID"), os.getenv("CIRCUITPY_WIFI_PASSWORD"))
asyncio.run(main())
