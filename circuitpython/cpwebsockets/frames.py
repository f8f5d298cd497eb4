"""Frames out and in (RFC 6455 §5), what control frames bring with them, keepalive, and the end of the stream.

A pull parser: nothing of a frame is used up before it can be used, so that any call may time out and be repeated.
"""
import os
import time

from .codes import (
    CLOSE_ABNORMAL, CLOSE_BAD_DATA, CLOSE_NO_STATUS, CLOSE_PROTOCOL_ERROR, CLOSE_TOO_BIG, OP_CLOSE, OP_CONT, OP_PING, OP_PONG, OP_TEXT,
    ConnectionClosed, ProtocolError, check_close, const)
from .payload import STEP, Utf8, is_utf8, mask_into
from .stream import Deadline, Stream, now, since

CLOSE_TIMEOUT = const(5000)  # ms, for the server's close frame, and again for its end of stream
_SEND_TIMEOUT = const(30000)  # ms, for the rest of a frame that is half sent


class Frames:
    """One end of a connection, frame by frame; Websocket makes messages of them."""

    is_client = False

    def __init__(self, sock, max_size, buffer_size, keepalive):
        if buffer_size < 1024:
            raise ValueError("buffer_size is at least 1024")
        self.close_code = None  # of the close frame that the peer sent; 1006 if the stream ended without one
        self.close_reason = ""
        self.latency = None  # seconds, of the last ping that was answered
        self._stream = Stream(sock)
        self._timeout = None  # of a call, in ms
        self._max_size = max_size
        self._keepalive = None if not keepalive else int(keepalive * 1000)
        self._heard = now()
        self._pinged = None  # when a keepalive ping went out that nothing has answered
        self._ping_payload = None
        self._ping_sent = 0
        self._in = bytearray(buffer_size // 2)
        self._view = memoryview(self._in)
        self._begin = self._end = 0  # what was read and is not used
        self._out = bytearray(buffer_size // 2)
        self._sent_close = None
        self._by = "network"  # who ended it
        self._closing = None  # the wait for the peer's close frame
        self._left = 0  # bytes of the data frame that are still to come
        self._fin = True
        self._opcode = None  # of the message that is being received
        self._frame_opcode = None
        self._utf8 = None
        self._size = 0  # of that message, as far as its frames were announced

    @property
    def open(self):
        """False when the connection has ended."""
        return self._stream.is_open

    def _receive(self, view, deadline):
        """At least one byte into `view`, 0 when the time is up; lets keepalive and the closing handshake do their work
        meanwhile."""
        while True:
            limit = deadline.left()
            if self._closing is not None or self._keepalive:
                ours = self._limit()
                if limit is None or ours is not None and ours < limit:
                    limit = ours
            count = self._io(self._stream.read, view, limit)
            if count > 0:
                self._heard, self._pinged = now(), None
                return count
            if count == 0:
                self._lost("the connection ended without a close frame")
            if self._limit() == 0:
                self._time_is_up()
            if deadline.left() == 0:
                return 0

    def _limit(self):
        """Milliseconds until the connection itself has something to do; None for never."""
        if self._closing is not None:
            return self._closing.left()
        if not self._keepalive or not self.open:
            return None
        return max(0, self._keepalive - since(self._heard if self._pinged is None else self._pinged))

    def _time_is_up(self):
        if self._closing is not None:
            self._lost("the server did not finish the closing handshake in time")
        if self._pinged is not None:
            self._lost("the peer went silent: no byte came after a ping")
        self.ping()
        self._pinged = now()

    def _write(self, view, deadline):
        """All of `view`. False if not one byte went out in time; a rest that cannot follow ends the connection."""
        at, size = 0, len(view)
        while at < size:
            limit = deadline.left()
            count = self._io(self._stream.write, view[at:], limit)
            at += count
            if not count:
                if deadline.left() != 0:
                    time.sleep(0.001)  # a socket that does not wait by itself
                elif not at:
                    return False
                elif deadline.limit == _SEND_TIMEOUT:
                    self._lost("a frame could not be sent to its end")
                else:
                    deadline = Deadline(_SEND_TIMEOUT)
        return True

    def _io(self, call, view, limit):
        try:
            return call(view, limit)
        except OSError as error:
            number = error.args[0] if error.args else None
            self._lost("Connection reset by peer" if number == 104 else "the socket failed: " + str(error))

    def _finish(self, code, reason, by):
        """Closes the socket, and keeps how it ended."""
        if self.close_code is None:
            self.close_code, self.close_reason, self._by = code, reason, by
        self._stream.close()

    def _lost(self, why):
        self._finish(CLOSE_ABNORMAL, why, "network")
        raise ConnectionClosed(CLOSE_ABNORMAL, why, "network")

    def _check_open(self):
        if not self.open:
            raise ConnectionClosed(self.close_code, self.close_reason, self._by)

    def _send_frame(self, opcode, data, fin, deadline):
        """False if nothing of it was sent in time. Once it has begun, it goes out as a whole, or the connection ends."""
        out, size = self._out, len(data)
        out[0] = opcode | (0x80 if fin else 0)
        mask_bit = 0x80 if self.is_client else 0
        if size < 126:
            out[1] = size | mask_bit
            at = 2
        elif size < 65536:
            out[1] = 126 | mask_bit
            out[2], out[3] = size >> 8, size & 0xFF
            at = 4
        else:
            out[1] = 127 | mask_bit
            out[2:10] = size.to_bytes(8, "big")
            at = 10
        key = b""
        if self.is_client:
            key = os.urandom(4)
            out[at:at + 4] = key
            at += 4
        source, done = memoryview(data), 0
        while True:
            count = size - done
            if count > len(out) - at:
                count = (len(out) - at) & ~(STEP - 1)  # the next piece begins with the key's first byte again
            piece = source[done:done + count]
            if key:
                mask_into(out, at, piece, key)
            else:
                out[at:at + count] = piece
            whole = False
            try:
                if not self._write(memoryview(out)[:at + count], deadline):
                    whole = True  # nothing of this part: the stream is still between frames, if it is the first
                    if done == 0:
                        return False
                    self._lost("a frame could not be sent to its end")
                whole = True
            finally:
                if not whole:  # an exception from outside, in the middle of a frame
                    self._finish(CLOSE_ABNORMAL, "a frame could not be sent to its end", "us")
            done += count
            if done >= size:
                return True
            at = 0
            deadline = Deadline(_SEND_TIMEOUT)

    def ping(self, data=b""):
        """Sends a ping of at most 125 bytes; `latency` tells when its pong has come."""
        self._check_open()
        if len(data) > 125:
            raise ValueError("a ping has at most 125 bytes")
        self._ping_payload = bytes(data) or os.urandom(4)
        self._ping_sent = now()
        self._control(OP_PING, self._ping_payload)

    def _control(self, opcode, data):
        if not self._send_frame(opcode, data, True, Deadline(_SEND_TIMEOUT)):
            self._lost("a frame could not be sent to its end")

    def _need(self, size, deadline):
        """`size` bytes in the buffer, from _begin on. False when the time is up."""
        if self._end - self._begin >= size:
            return True
        while self._end - self._begin < size:
            if len(self._in) - self._begin < size or self._begin == self._end:
                rest = self._end - self._begin
                if rest:
                    self._in[:rest] = self._in[self._begin:self._end]
                self._begin, self._end = 0, rest
            count = self._receive(self._view[self._end:], deadline)
            if not count:
                return False
            self._end += count
        return True

    def _fail(self, code, why):
        """The peer broke the protocol: it is told, and nothing more is read (RFC 6455 §7.1.7)."""
        if self._sent_close is None:
            self._sent_close = code
            try:
                self._send_frame(OP_CLOSE, check_close(code, ""), True, Deadline(CLOSE_TIMEOUT))
                self._discard(1000)
            except ConnectionClosed:
                pass
        self._finish(CLOSE_ABNORMAL, why, "us")
        raise ProtocolError(code, why, "us")

    def _next_header(self, deadline):
        """(opcode, fin, length, key) of the next frame, checked; None when the time is up. What was judged wrong was
        judged by its first bytes, as soon as they are there."""
        if not self._need(1, deadline):
            return None
        first = self._in[self._begin]
        opcode, fin = first & 0x0F, first >= 0x80
        if first & 0x70:
            self._fail(CLOSE_PROTOCOL_ERROR, "a reserved bit is set that no extension uses")
        if opcode & 0x07 > 2:
            self._fail(CLOSE_PROTOCOL_ERROR, "the opcode is reserved")
        if opcode >= 8 and not fin:
            self._fail(CLOSE_PROTOCOL_ERROR, "a control frame is fragmented")
        if opcode == OP_CONT and self._opcode is None:
            self._fail(CLOSE_PROTOCOL_ERROR, "a continuation frame without a message to continue")
        if 0 < opcode < 8 and self._opcode is not None:
            self._fail(CLOSE_PROTOCOL_ERROR, "a new message started inside a fragmented message")
        if not self._need(2, deadline):
            return None
        second = self._in[self._begin + 1]
        if (second >= 0x80) == self.is_client:
            self._fail(CLOSE_PROTOCOL_ERROR, "the server sent a masked frame" if self.is_client else "the client sent an unmasked frame")
        length, at = second & 0x7F, 2
        if length > 125:
            if opcode >= 8:
                self._fail(CLOSE_PROTOCOL_ERROR, "a control frame is longer than 125 bytes")
            at = 4 if length == 126 else 10
            if at == 10 and self._need(3, deadline) and self._in[self._begin + 2] >= 0x80:
                self._fail(CLOSE_PROTOCOL_ERROR, "the top bit of the payload length is set")
            if not self._need(at, deadline):
                return None
            length = int.from_bytes(self._view[self._begin + 2:self._begin + at], "big")
            if length < (126 if at == 4 else 65536):
                self._fail(CLOSE_PROTOCOL_ERROR, "the payload length is not in its shortest form")
        key = None
        if second >= 0x80:
            if not self._need(at + 4, deadline):
                return None
            key = bytes(self._view[self._begin + at:self._begin + at + 4])
            at += 4
        if opcode >= 8:
            # A control frame is taken as a whole, or stays for the next call.
            if not self._need(at + length, deadline):
                return None
        elif self._max_size is not None and length > self._max_size - (self._size if opcode == OP_CONT else 0):
            self._fail(CLOSE_TOO_BIG, "a message is larger than the limit")
        self._begin += at
        return opcode, fin, length, key

    def _begin_frame(self, deadline):
        """Goes to the payload of the next data frame; control frames on the way are answered. False when the time
        is up."""
        while True:
            header = self._next_header(deadline)
            if header is None:
                return False
            opcode, fin, length, key = header
            if opcode < 8:
                if opcode != OP_CONT:
                    self._opcode = opcode
                    self._utf8 = Utf8() if opcode == OP_TEXT else None
                    self._size = 0
                self._size += length
                self._frame_opcode = opcode
                self._left, self._fin, self._key, self._at = length, fin, key, 0
                return True
            payload = bytearray(self._view[self._begin:self._begin + length])
            self._begin += length
            if key:
                mask_into(payload, 0, memoryview(bytes(payload)), key)
            if opcode == OP_PING and self._sent_close is None:
                self._control(OP_PONG, payload)
            elif opcode == OP_PONG and self._ping_payload == payload:
                self.latency = since(self._ping_sent) / 1000
                self._ping_payload = None
            elif opcode == OP_CLOSE:
                self._on_close(payload)

    def _on_close(self, payload):
        code, reason = CLOSE_NO_STATUS, ""
        if len(payload) == 1:
            self._fail(CLOSE_PROTOCOL_ERROR, "a close frame with a payload of one byte")
        if payload:
            code = payload[0] << 8 | payload[1]
            if not is_utf8(memoryview(payload)[2:]):
                self._fail(CLOSE_BAD_DATA, "text is not valid UTF-8")
            reason = str(payload[2:], "utf-8")
            try:
                check_close(code, reason)
            except ValueError:
                self._fail(CLOSE_PROTOCOL_ERROR, "a close code that must not be sent")
        by = "us" if self._sent_close is not None else "peer"
        self.close_code, self.close_reason, self._by = code, reason, by
        if self._sent_close is None:
            self._sent_close = code
            try:
                self._send_frame(OP_CLOSE, payload[:2], True, Deadline(CLOSE_TIMEOUT))
            except ConnectionClosed:
                pass
        self._discard(CLOSE_TIMEOUT)
        self._stream.close()
        raise ConnectionClosed(code, reason, by)

    def _begin_closing(self, code):
        self._sent_close = code
        limit = self._timeout or CLOSE_TIMEOUT
        self._closing = Deadline(min(limit, CLOSE_TIMEOUT))

    def _discard(self, limit):
        """Reads on until the server has ended the stream, which it does first (RFC 6455 §7.1.1)."""
        deadline = Deadline(limit)
        while self._stream.is_open:
            try:
                count = self._stream.read(self._view, deadline.left())
            except OSError:
                return
            if count == 0 or (count < 0 and deadline.left() == 0):
                return

    def _take(self, view, deadline):
        """Some of the current frame's payload into `view`, checked; 0 when the time is up."""
        room = min(len(view), self._left)
        count = min(room, self._end - self._begin)
        if count:
            view[:count] = self._view[self._begin:self._begin + count]
            self._begin += count
        else:
            count = self._receive(view[:room], deadline)
            if not count:
                return 0
        if self._key:
            turn = self._at & 3
            mask_into(view, 0, memoryview(bytes(view[:count])), self._key[turn:] + self._key[:turn])
            self._at += count
        self._left -= count
        if self._utf8 and not self._utf8.takes(view[:count]):
            self._fail(CLOSE_BAD_DATA, "text is not valid UTF-8")
        return count

    def _message_ended(self):
        """True at the end of the message, which is then left behind."""
        if self._left or not self._fin:
            return False
        if self._utf8 and self._utf8.missing:
            self._fail(CLOSE_BAD_DATA, "text is not valid UTF-8")
        self._opcode = None
        return True
