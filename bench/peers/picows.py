"""picows: frames, by callbacks; it does not check text."""
import asyncio
import sys

from work import Meter, Work

sys.path.pop(0)  # this file has the package's name
import picows  # noqa: E402
from picows import WSListener, WSMsgType, ws_connect  # noqa: E402


class Listener(WSListener):
    def __init__(self, work):
        self.work = work
        self.kind = WSMsgType.TEXT if work.is_text else WSMsgType.BINARY
        self.messages = self.received = 0
        self.done = asyncio.get_running_loop().create_future()
        self.room = asyncio.Event()
        self.room.set()

    def on_ws_frame(self, transport, frame):
        if frame.msg_type == WSMsgType.CLOSE:
            return
        self.received += len(frame.get_payload_as_memoryview())
        self.messages += 1
        if self.messages == self.work.count:
            self.done.set_result(None)
        elif self.work.echoes:
            transport.send(self.kind, self.work.message)

    def pause_writing(self):
        self.room.clear()

    def resume_writing(self):
        self.room.set()


async def main():
    work = Work()
    message = work.message.encode() if work.is_text else work.message
    work.message = message
    if work.connects:
        meter = Meter()
        for _ in range(work.count):
            transport, listener = await ws_connect(lambda: Listener(work), work.url, ssl_context=work.ssl)
            transport.send_close(1000)
            await transport.wait_disconnected()
        meter.report(work, "picows", picows.__version__, 0)
    transport, listener = await ws_connect(lambda: Listener(work), work.url, ssl_context=work.ssl, max_frame_size=64 << 20)
    meter = Meter()
    if work.receives:
        if work.echoes:
            transport.send(listener.kind, message)
        await listener.done
    else:
        for _ in range(work.count):
            transport.send(listener.kind, message)
            if not listener.room.is_set():
                await listener.room.wait()
    meter.report(work, "picows", picows.__version__, listener.received)


asyncio.run(main())
