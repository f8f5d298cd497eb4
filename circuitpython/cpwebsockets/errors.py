"""Exceptions that few programs name."""
from .protocol import ConnectionClosed


class NoDataException(Exception):
    """read_frame(): nothing has come within the timeout. Nothing is lost: call again."""


class ProtocolError(ConnectionClosed):
    """The server broke the protocol; `code` is what it was told (RFC 6455 §7.4.1)."""


class HandshakeError(OSError):
    """The server did not open. When it refused: `status` is its HTTP status, `headers` its fields in lower case, and
    `body` the first bytes of what it said."""

    def __init__(self, message, status=0, headers=None, body=b""):
        super().__init__(message)
        self.errno = None
        self.status = status
        self.headers = headers or {}
        self.body = body
