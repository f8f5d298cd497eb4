"""Stands in for CircuitPython's busio: a bus is one played chip."""


class SPI:
    """Gives bytes to `chip.take(bytes)` and takes them from `chip.give(count)`."""

    def __init__(self, chip):
        self._chip = chip
        self._locked = False

    def try_lock(self):
        if self._locked:
            return False
        self._locked = True
        return True

    def unlock(self):
        self._locked = False

    def configure(self, baudrate=0, polarity=0, phase=0, bits=8):
        pass

    def write(self, buffer, start=0, end=None):
        self._chip.take(bytes(memoryview(buffer)[start:len(buffer) if end is None else end]))

    def readinto(self, buffer, start=0, end=None, write_value=0):
        end = len(buffer) if end is None else end
        buffer[start:end] = self._chip.give(end - start)


class UART:
    """The same for a serial line; `chip.waiting()` is the number of bytes that have arrived."""

    def __init__(self, chip):
        self._chip = chip
        self.baudrate = 0

    @property
    def in_waiting(self):
        return self._chip.waiting()

    def read(self, count):
        return self._chip.give(count)

    def write(self, data):
        self._chip.take(bytes(data))
        return len(data)

    def reset_input_buffer(self):
        self._chip.give(self._chip.waiting())
