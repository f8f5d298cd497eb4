"""How a connection ends that does not end well: losses, violations of the protocol, and the words for them. It is loaded when that
happens."""
from .ending import discard, finish, raise_end, send_close
from .protocol import ConnectionClosed
from .sending import clear


def lost(ws, why):
    """Ends the connection without a closing handshake. `why`: words, or None for what the socket told."""
    if why is None:
        error = ws._error
        number = error.args[0] if isinstance(error, Exception) and error.args else error
        if error is None:
            why = "the connection ended without a close frame"
        elif number == 104:
            why = "Connection reset by peer"
        else:
            why = "the socket failed: " + str(error)
    finish(ws, 1006, why, "network")
    raise_end(ws)


def write_failed(ws):
    """There may be a close frame that came before."""
    error = ws._error
    clear(ws)
    if not getattr(ws, "_write_failed", False):
        ws._write_failed = True
        try:
            ws._look()
        except ConnectionClosed:
            if ws.close_code != 1006:
                raise
            ws.close_code = ws._end = None
    ws._error = error
    lost(ws, None)


def broken(ws):
    """What is wrong with the header at the beginning of the buffer."""
    header = bytes(ws._in[ws._begin:ws._end_in])
    first = header[0]
    opcode = first & 15
    if first & 0x70:
        return "a reserved bit is set that no extension uses"
    if opcode & 7 > 2:
        return "the opcode is reserved"
    if opcode > 7 and first < 0x80:
        return "a control frame is fragmented"
    if opcode == 0 and ws._opcode is None:
        return "a continuation frame without a message to continue"
    if 0 < opcode < 8 and ws._opcode is not None:
        return "a new message started inside a fragmented message"
    if (header[1] > 0x7F) == ws.is_client:
        return "the server sent a masked frame" if ws.is_client else "the client sent an unmasked frame"
    if opcode > 7:
        return "a control frame is longer than 125 bytes"
    if header[1] & 0x7F == 127 and header[2] > 0x7F:
        return "the top bit of the payload length is set"
    return "the payload length is not in its shortest form"


def fail(ws, code, why=None):
    """The peer broke the protocol: it is told, and nothing more is read (RFC 6455 §7.1.7)."""
    if why is None:
        why = broken(ws) if code == 1002 else "text is not valid UTF-8" if code == 1007 else "a message is larger than the limit"
    ws._in_frame = True  # nothing more is parsed
    if ws._sent_close is None:
        try:
            send_close(ws, bytes((code >> 8, code & 0xFF)), code)
            discard(ws, 1000)
        except (ConnectionClosed, OSError):
            pass
    from .errors import ProtocolError
    finish(ws, 1006, why, "us", ProtocolError, code)
    raise_end(ws)


def no_memory(ws):
    try:
        fail(ws, 1009, "no memory for a message")
    except ConnectionClosed:
        ws._end = ConnectionClosed, 1006, "no memory for a message", "us"
        raise MemoryError("no memory for a message of that size")


def interrupted(ws):
    finish(ws, 1006, "a frame could not be sent to its end", "us")


def stopped(ws):
    lost(ws, "a frame could not be sent to its end")


# --- Calls that are wrong, and change nothing ---

def busy(ws):
    raise RuntimeError("another call is using this connection")


def too_late(ws):
    raise RuntimeError("nothing can be sent after the close frame")


def wrong_size(ws, buffer_size, frame_size):
    raise ValueError("buffer_size is at least 1024" if buffer_size < 1024 else "frame_size is at least 1" if frame_size < 1 else
                     "max_size is None or 0 and more")


def wrong_timeout(ws):
    raise ValueError("a timeout is None or 0 and more, in seconds")


def wrong_type(ws):
    raise TypeError("send() takes str, bytes, bytearray or memoryview")


def mixed(ws):
    raise TypeError("the parts of a message are all str, or all binary")


def no_text(ws):
    raise ValueError("text must be UTF-8")
