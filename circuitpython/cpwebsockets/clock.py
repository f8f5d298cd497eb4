"""What boards have, for other interpreters: milliseconds where `time` has no ticks, on CircuitPython and CPython, and an OSError that
shows its number as boards do, on CPython."""
try:
    from supervisor import ticks_ms as now

    def ticks_diff(a, b):
        return ((a - b + 0x10000000) & 0x1FFFFFFF) - 0x10000000
except ImportError:
    from time import monotonic_ns

    def now():
        return monotonic_ns() // 1000000

    def ticks_diff(a, b):
        return a - b


class NumberedError(OSError):
    def __init__(self, number):
        super().__init__(number)
        self.errno = number

    def __str__(self):
        from errno import errorcode
        return "[Errno %d] %s" % (self.args[0], errorcode[self.args[0]])
