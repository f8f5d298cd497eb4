"""WebSocket client (RFC 6455) for CircuitPython and MicroPython: import cpwebsockets.client."""
__version__ = "0.1.0"
__repo__ = "https://cpwebsockets.invalid/CircuitPython_cpwebsockets.git"
