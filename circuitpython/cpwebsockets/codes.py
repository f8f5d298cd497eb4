"""Opcodes (RFC 6455 §5.2), close codes (§7.4.1), and the exceptions that carry them."""
try:
    from micropython import const
except ImportError:
    def const(value):
        return value

from .payload import is_utf8

OP_CONT = const(0x0)
OP_TEXT = const(0x1)
OP_BYTES = const(0x2)
OP_CLOSE = const(0x8)
OP_PING = const(0x9)
OP_PONG = const(0xA)

CLOSE_OK = const(1000)
CLOSE_GOING_AWAY = const(1001)
CLOSE_PROTOCOL_ERROR = const(1002)
CLOSE_DATA_NOT_SUPPORTED = const(1003)
CLOSE_NO_STATUS = const(1005)  # never sent: the close frame had no code
CLOSE_ABNORMAL = const(1006)  # never sent: there was no close frame
CLOSE_BAD_DATA = const(1007)
CLOSE_POLICY_VIOLATION = const(1008)
CLOSE_TOO_BIG = const(1009)
CLOSE_MISSING_EXTN = const(1010)
CLOSE_BAD_CONDITION = const(1011)


class NoDataException(Exception):
    """read_frame(): nothing has come within the timeout. Nothing is lost: call again."""


class ConnectionClosed(Exception):
    """The connection has ended. `code` and `reason` say why, `by` who ended it: "us", "peer" or "network"."""

    def __init__(self, code=CLOSE_ABNORMAL, reason="", by="network"):
        super().__init__(f"closed by {by}: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason
        self.by = by


class ProtocolError(ConnectionClosed):
    """The server broke the protocol; `code` is what it was told (RFC 6455 §7.4.1)."""


def check_close(code, reason):
    """The payload of a close frame, or ValueError (RFC 6455 §7.4)."""
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError("a close code is 1000-1003, 1007-1014 or 3000-4999")
    payload = bytes((code >> 8, code & 0xFF)) + reason.encode()
    if len(payload) > 125 or not is_utf8(payload[2:]):
        raise ValueError("a reason is UTF-8 of at most 123 bytes")
    return payload
