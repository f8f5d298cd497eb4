"""The byte stream under a connection: "nothing yet", "the end" and "failed" are told apart, and every wait has a bound. What kind
of socket it is was judged before, by sockets.py."""
# Milliseconds, from a clock that wraps around on boards.
try:
    from time import ticks_diff, ticks_ms as now
except ImportError:
    from .clock import now, ticks_diff  # noqa: F401


def move(self, call, mode, buf, timeout):
    """Bytes read or written; 0 if none could be within `timeout` milliseconds (None: no limit); -1 at the end, or if the socket
    failed. `call` does it; `mode` is what select.poll() waits for: 1 to read, 4 to write."""
    try:
        if timeout != self._limit and (self._limit or not self._polls):
            self._limit = timeout = 0 if self._polls else timeout
            self._set_limit(timeout if timeout is None else timeout / 1000)
        count = call(buf)
        if count is None:
            if timeout == 0:
                return 0
            if mode != self._polled:
                import select
                self._poll = select.poll()
                self._poll.register(self._sock, mode)
                self._polled = mode
            for _ in self._poll.ipoll(-1 if timeout is None else timeout):
                count = call(buf)
            if count is None:
                return 0
        if 0 < count <= len(buf):
            return count
        if count == 0:
            return 0 if mode == 4 else -1
        self._error = -count  # an error of TLS, reported as a count
    except (OSError, RuntimeError) as e:
        code = e.args[0] if e.args else None
        # EAGAIN, ETIMEDOUT (Linux's and newlib's), EINPROGRESS (both); CPython's time-outs and TLS have no such number.
        if code in (11, 110, 115, 116, 119) or isinstance(e, OSError) and ("timed out" in str(e) or "did not complete" in str(e)):
            return 0
        if mode == 4 or code not in (107, 128):  # ENOTCONN: Espressif's end of stream
            self._error = e
    return -1
