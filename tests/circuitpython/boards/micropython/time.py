"""CircuitPython's time: MicroPython's, and the clock that does not jump."""
from utime import *  # noqa: F403
import utime


def monotonic_ns():
    return utime.ticks_us() * 1000


def monotonic():
    return utime.ticks_us() / 1000000
