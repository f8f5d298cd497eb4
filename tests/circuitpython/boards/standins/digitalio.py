"""Stands in for CircuitPython's digitalio: a pin calls what is connected to it, or asks it."""


class Direction:
    INPUT = 0
    OUTPUT = 1


class DigitalInOut:
    """`set_level(value)` is called for an output, `get_level()` for an input."""

    def __init__(self, set_level=None, get_level=None):
        self._set_level, self._get_level = set_level, get_level
        self._value = False
        self.direction = Direction.INPUT

    def switch_to_output(self, value=False):
        self.direction = Direction.OUTPUT
        self.value = value

    @property
    def value(self):
        return self._get_level() if self._get_level else self._value

    @value.setter
    def value(self, value):
        self._value = bool(value)
        if self._set_level:
            self._set_level(self._value)
