"""cpwebsockets_asyncio over every form, with the asyncio of the interpreter: tasks that share a connection, cancelled at every
step. Over sockets inside the interpreter, so that each step is counted, and over the echo server, run by with_server.sh."""
import asyncio
import os
import sys

import cpwebsockets.client
from cpwebsockets.protocol import ConnectionClosed
from cpwebsockets_asyncio import AsyncWebsocket, connect
from fake_socket import EAGAIN, FakePool, FakeSocket, frame

LARGE = bytes(range(256)) * 400  # more than a buffer, and than the played socket takes at once


class SlowSocket(FakeSocket):
    """Takes nothing more after `room` bytes, until it is given room again. When `moody`, half of its calls move nothing."""

    room = 1 << 30
    moody = 0

    def _call(self):
        super()._call()
        if self.moody:
            self.moody = (self.moody * 1103515245 + 12345) & 0x3FFFFFFF
            if self.moody & 0x10000:
                raise OSError(EAGAIN)

    def send(self, data):
        if self.opened:
            data = data[:self.room]
            if not len(data):
                raise OSError(EAGAIN)
            self.room -= len(data)
        return super().send(data)


def played(cls=SlowSocket, **options):
    return cls(ending=EAGAIN, **options)


def open_on(sock):
    return connect("ws://board.example/feed", FakePool(sock), poll=0.001)


async def passes(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def raises(kind, awaitable):
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError("no %s" % kind)


async def bounded(awaitable, seconds=60):
    return await asyncio.wait_for(awaitable, seconds)


async def opens_both_ways():
    sock = played(echoes=True)
    async with open_on(sock) as ws:
        assert ws.open and ws.close_code is None and ws.subprotocol is None and ws.latency is None
        await ws.send("one")
        assert await ws.recv() == "one"
    assert not ws.open and ws.close_code == 1000 and ws.close_reason == "" and sock.closed == 1
    sock = played(echoes=True)
    ws = await open_on(sock)
    await ws.send(b"two")
    assert await ws.recv() == b"two"
    await ws.close(3000, "bye")
    assert sock.frames[-1] == (0x88, b"\x0b\xb8bye") and ws.close_code == 3000
    await ws.close()
    async with AsyncWebsocket(cpwebsockets.client.connect("ws://board.example/", FakePool(played()), timeout=5)) as ws:
        assert ws.open
    assert not ws.open


async def a_failed_opening_is_raised():
    sock = played()
    sock.raises_at = 1
    try:
        async with open_on(sock):
            raise AssertionError("it is open")
    except OSError:
        pass
    assert sock.closed == 1


async def iterates_to_the_end():
    for code, ends in ((1000, True), (1001, True), (None, True), (1011, False)):
        payload = b"" if code is None else bytes((code >> 8, code & 0xFF))
        sock = played(incoming=frame(1, b"a") + frame(2, b"b") + frame(8, payload))
        sock.ending = b""
        messages = []
        async with open_on(sock) as ws:
            try:
                async for message in ws:
                    messages.append(message)
                assert ends
            except ConnectionClosed as closed:
                assert not ends and closed.code == code
            assert messages == ["a", b"b"]
            await raises(ConnectionClosed, ws.recv())
            await raises(ConnectionClosed, ws.send("late"))
            await raises(ConnectionClosed, ws.ping())


async def an_error_in_the_body_closes():
    sock = played()
    try:
        async with open_on(sock):
            raise KeyError("the program's own")
    except KeyError:
        pass
    assert sock.closed == 1 and sock.frames[-1][0] == 0x88


async def recv_cancelled_at_every_step():
    """A message that comes a byte at a time, and a task cancelled after 0, 1, 2 ... turns of the loop: together the tasks
    receive every message once."""
    messages = ["message %d %s" % (number, "x" * (number % 7)) for number in range(200)]
    sock = played(read_size=3)
    async with open_on(sock) as ws:
        sock.moody = 1
        sock.readable += b"".join(frame(1, message.encode()) for message in messages)
        received, cancelled = [], 0
        while len(received) < len(messages):
            task = asyncio.create_task(ws.recv())
            await passes(cancelled % 5)
            task.cancel()
            try:
                received.append(await task)
            except asyncio.CancelledError:
                cancelled += 1
                assert cancelled < 100000
        assert received == messages and cancelled > 20, cancelled


async def a_timeout_loses_nothing():
    sock = played(read_size=3)
    async with open_on(sock) as ws:
        whole = frame(1, b"a message in two halves")
        sock.readable += whole[:9]
        await raises(asyncio.TimeoutError, ws.recv(timeout=0.01))
        await raises(asyncio.TimeoutError, ws.recv(timeout=0))
        await raises(asyncio.TimeoutError, asyncio.wait_for(ws.recv(), 0.01))
        sock.readable += whole[9:]
        assert await ws.recv(timeout=60) == "a message in two halves"
        sock.readable += frame(1, b"next")
        assert await asyncio.wait_for(ws.recv(), 60) == "next"


async def one_task_receives():
    sock = played()
    async with open_on(sock) as ws:
        first = asyncio.create_task(ws.recv())
        await passes(3)
        error = await raises(RuntimeError, ws.recv())
        assert error.args[0] == "another task is receiving on this connection"
        sock.readable += frame(1, b"for the first")
        assert await first == "for the first"


async def many_tasks_send():
    """Messages larger than what the socket takes at once come whole, and those of a task in its order."""
    sock = played(send_size=700)
    sizes = 0, 10, 900, 5000

    async def sender(ws, letter):
        for number in range(8):
            await ws.send(letter * sizes[number % 4] + "%d" % number)

    async with open_on(sock) as ws:
        sock.moody = 1
        await asyncio.gather(*[sender(ws, letter) for letter in "abcd"])
        texts = [payload.decode() for first, payload in sock.frames if first & 0x0F < 3]
        whole = joined(sock.frames)
        assert len(whole) == 32, len(texts)
        for letter in "abcd":
            mine = [text for text in whole if text[:1] == letter]
            assert mine == [letter * sizes[number % 4] + "%d" % number for number in range(8) if number % 4]


def joined(frames):
    """The text messages of a list of frames."""
    texts, text = [], ""
    for first, payload in frames:
        if first & 0x0F < 3:
            text += payload.decode()
            if first & 0x80:
                texts.append(text)
                text = ""
    return texts


async def send_cancelled_at_every_step():
    """Each send is cancelled after 0, 1, 2 ... turns, with a socket that is full half of the time: what arrives are whole
    messages, each at most once, in order; and those whose send() returned are among them."""
    sock = played()
    async with open_on(sock) as ws:
        finished = []
        for number in range(200):
            sock.room = number * 37 % 90
            task = asyncio.create_task(ws.send("%d " % number + "x" * (number % 50)))
            await passes(number % 6)
            task.cancel()
            try:
                await task
                finished.append(number)
            except asyncio.CancelledError:
                pass
            sock.room = 1 << 30
            if number % 3 == 0:
                await ws.send("%d " % (number + 1000))
                finished.append(number + 1000)
        await ws.send("end")
        *texts, last = joined(sock.frames)
        assert last == "end"
        numbers = [int(text.split(" ")[0]) for text in texts]
        assert len(set(numbers)) == len(numbers)
        small = [number for number in numbers if number < 1000]
        assert small == sorted(small) and set(finished) <= set(numbers)
        for text in texts:
            number, rest = text.split(" ")
            assert rest == ("x" * (int(number) % 50) if int(number) < 1000 else "")
        assert len(small) < 200, "none was cancelled before it was taken"


async def a_cancelled_task_in_the_queue_lets_the_next_send():
    sock = played()
    async with open_on(sock) as ws:
        sock.room = 5
        first = asyncio.create_task(ws.send("first"))
        await passes(3)
        second = asyncio.create_task(ws.send("second"))
        third = asyncio.create_task(ws.send("third"))
        await passes(3)
        second.cancel()
        await raises(asyncio.CancelledError, second)
        sock.room = 1 << 30
        await bounded(asyncio.gather(first, third))
        assert joined(sock.frames) == ["first", "third"]


async def a_send_waits_for_the_socket():
    """Without a task that receives, too; what comes meanwhile is received later."""
    sock = played()
    async with open_on(sock) as ws:
        sock.room = 1000
        task = asyncio.create_task(ws.send(LARGE))
        await passes(20)
        assert not task.done() and ws.pending_bytes > 0
        sock.readable += frame(1, b"meanwhile") + frame(9, b"ping")
        sock.room = 1 << 30
        await bounded(task)
        sent = b"".join(payload for first, payload in sock.frames if first & 0x0F in (0, 2))
        assert sent[:len(LARGE)] == LARGE or ws.pending_bytes
        assert await ws.recv() == "meanwhile"
        await ws.send("the next pushes the rest")
        sent = b"".join(payload for first, payload in sock.frames if first & 0x0F in (0, 2))
        assert sent == LARGE and ws.pending_bytes == 0
        assert await raises(asyncio.TimeoutError, ws.recv(timeout=0.01))
        assert (0x8A, b"ping") in sock.frames


async def pings_between():
    sock = played(echoes=True)
    async with open_on(sock) as ws:
        await ws.ping(b"how long")
        assert sock.frames[-1] == (0x89, b"how long")
        sock.readable += frame(10, b"how long") + frame(1, b"x")
        assert await ws.recv() == "x" and ws.latency is not None
        await raises(ValueError, ws.ping(b"x" * 126))
        await raises(TypeError, ws.send(5))
        await ws.send("still open")
        assert await ws.recv() == "still open"


async def closes_beside_a_receiver():
    sock = played()
    async with open_on(sock) as ws:
        received = []

        async def receiver():
            async for message in ws:
                received.append(message)

        task = asyncio.create_task(receiver())
        await passes(3)
        sock.readable += frame(1, b"last words")
        await bounded(asyncio.gather(ws.close(), ws.close()))
        await bounded(task)
        assert received == ["last words"] and ws.close_code == 1000
        assert [first for first, _ in sock.frames] == [0x88]


async def nothing_is_sent_after_the_close_frame():
    sock = played()
    ws = await open_on(sock)
    sock._take_frames = lambda: None  # a server that does not answer
    closing = asyncio.create_task(ws.close())
    await passes(5)
    await raises(RuntimeError, ws.send("late"))
    closing.cancel()
    await raises(asyncio.CancelledError, closing)
    assert not ws.open and sock.closed == 1


async def refuses_to_close_with_what_no_frame_may_say():
    async with open_on(played()) as ws:
        for code, reason in ((999, ""), (1005, ""), (1006, ""), (5000, ""), (1000, "x" * 124)):
            await raises(ValueError, ws.close(code, reason))
        assert ws.open


async def floods_leave_the_other_tasks_their_turn():
    sock = played(incoming=b"".join([frame(1, b"flood")] * 300))
    async with open_on(sock) as ws:
        turns = 0

        async def other():
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        task = asyncio.create_task(other())
        for _ in range(300):
            await ws.recv()
        assert turns > 100, turns
        turns = 0
        for _ in range(100):
            await ws.send("flood")
        task.cancel()
        await raises(asyncio.CancelledError, task)
        assert turns > 30, turns


async def talks_to_a_server(url, *args, **options):
    async with connect(url, *args, timeout=20, **options) as ws:
        received = []

        async def sender(letter):
            for number in range(10):
                await ws.send(letter * (number * 1500) + "%d" % number)
                await asyncio.sleep(0.001)

        async def receiver():
            async for message in ws:
                received.append(message)
                if len(received) == 30:
                    break

        await bounded(asyncio.gather(receiver(), *[sender(letter) for letter in "abc"]))
        for letter in "abc":
            lengths = [len(message) for message in received if message[:1] == letter]
            assert lengths == [number * 1500 + 1 for number in range(1, 10)], lengths
        received.clear()
        await ws.send(LARGE)
        assert await bounded(ws.recv()) == LARGE
        cancelled = 0
        for number in range(100):
            await ws.send("%d" % number)
            while True:
                task = asyncio.create_task(ws.recv())
                await passes((number + cancelled) % 7)
                task.cancel()
                try:
                    assert await task == "%d" % number
                    break
                except asyncio.CancelledError:
                    cancelled += 1
        print("ok", url, cancelled, "cancelled")
    assert ws.close_code == 1000


async def main():
    for case in (
            opens_both_ways, a_failed_opening_is_raised, iterates_to_the_end, an_error_in_the_body_closes,
            recv_cancelled_at_every_step, a_timeout_loses_nothing, one_task_receives, many_tasks_send,
            send_cancelled_at_every_step, a_cancelled_task_in_the_queue_lets_the_next_send, a_send_waits_for_the_socket,
            pings_between, closes_beside_a_receiver, nothing_is_sent_after_the_close_frame,
            refuses_to_close_with_what_no_frame_may_say, floods_leave_the_other_tasks_their_turn):
        await bounded(case())
        print("ok", case.__name__ if hasattr(case, "__name__") else case)
    ws_url = os.getenv("WS_URL")
    if not ws_url:
        return
    await talks_to_a_server(ws_url)
    wss_url = os.getenv("WSS_URL").replace("127.0.0.1", "localhost")
    if sys.implementation.name == "cpython":
        import ssl
        await talks_to_a_server(wss_url, ssl_context=ssl.create_default_context(cafile=os.getenv("CPWS_CACERT")))
    else:
        import wifi
        await talks_to_a_server(ws_url, wifi.radio)
        await talks_to_a_server(wss_url, wifi.radio)


asyncio.run(main())
