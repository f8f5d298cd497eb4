"""Plays the board of a PyPortal: an AirLift that is connected to the Wi-Fi."""
import hardware  # noqa: F401  the exceptions that CircuitPython has
from busio import SPI as Bus
from nina import Nina

_chip = Nina()
ESP_CS, ESP_BUSY, ESP_RESET = (_chip.select, None), (None, _chip.ready), (None, None)


def SPI():
    return Bus(_chip)
