"""Milliseconds where `time` has no ticks: on CircuitPython and CPython."""
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
