"""Python's websockets, as Debian packages it."""
import asyncio
import sys

from work import Meter, Work, size_of

sys.path.pop(0)  # this file has the package's name
import websockets  # noqa: E402
import websockets.version  # noqa: E402


async def main():
    work = Work()
    options = {"compression": None, "max_size": 64 << 20, "ssl": work.ssl}
    received = 0
    if work.connects:
        meter = Meter()
        for _ in range(work.count):
            async with websockets.connect(work.url, **options):
                pass
    else:
        ws = await websockets.connect(work.url, **options)
        meter = Meter()
        for _ in range(work.count):
            if work.sends:
                await ws.send(work.message)
            if work.receives:
                received += size_of(await ws.recv())
    meter.report(work, "websockets", websockets.version.version, received)


asyncio.run(main())
