"""Stands in for CircuitPython's digitalio, whose pins are named by board.py."""


class Direction:
    INPUT = 0
    OUTPUT = 1


class DigitalInOut:
    def __init__(self, pin):
        self._set_level, self._get_level = pin
        self.direction = Direction.INPUT

    def switch_to_output(self, value=False):
        self.value = value

    @property
    def value(self):
        return self._get_level()

    @value.setter
    def value(self, value):
        if self._set_level:
            self._set_level(value)
