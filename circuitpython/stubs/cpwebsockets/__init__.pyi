"""WebSocket client (RFC 6455) for CircuitPython and MicroPython: the native module, and the folder of Python files."""
from . import client as client
from . import protocol as protocol

__version__: str
