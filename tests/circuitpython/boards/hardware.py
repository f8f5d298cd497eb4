"""Adafruit's published classes, as a program makes them, over played chips: one board of each kind."""
import sys

import busio
import digitalio

if sys.implementation.name == "micropython":
    import builtins

    class ConnectionError(OSError):
        pass

    class BrokenPipeError(ConnectionError):
        pass

    class TimeoutError(OSError):
        pass

    # CircuitPython has them, MicroPython has not.
    builtins.ConnectionError, builtins.BrokenPipeError, builtins.TimeoutError = ConnectionError, BrokenPipeError, TimeoutError


class QuickTime:
    """The clock, with shorter sleeps: a played chip is ready at once."""

    def __init__(self):
        import time
        self.monotonic, self.monotonic_ns, self._sleep = time.monotonic, time.monotonic_ns, time.sleep

    def sleep(self, seconds):
        self._sleep(seconds / 20)


class Board:
    """`pool` is what a program gives to connect() as its radio, and `tls` as ssl_context: adafruit_connection_manager makes both."""

    def __init__(self, chip, radio, pool, tls):
        self.chip, self.radio, self.pool, self.tls = chip, radio, pool, tls

    def get_ready(self):
        """What a program must say before each connect()."""

    @property
    def open_sockets(self):
        return len(self.chip.links)


def airlift():
    from adafruit_esp32spi import adafruit_esp32spi
    from nina import Nina
    import adafruit_connection_manager
    adafruit_esp32spi.time = QuickTime()
    chip = Nina()
    pins = digitalio.DigitalInOut(chip.select), digitalio.DigitalInOut(None, chip.ready), digitalio.DigitalInOut()
    radio = adafruit_esp32spi.ESP_SPIcontrol(busio.SPI(chip), *pins)
    assert radio.is_connected and radio.firmware_version == "3.3.0"
    return Board(chip, radio, adafruit_connection_manager.get_radio_socketpool(radio),
                 adafruit_connection_manager.get_radio_ssl_context(radio))


def wiznet():
    from adafruit_wiznet5k import adafruit_wiznet5k, adafruit_wiznet5k_dns
    from w5500 import W5500
    import adafruit_connection_manager
    adafruit_wiznet5k.time = adafruit_wiznet5k_dns.time = QuickTime()
    ticks_ms = adafruit_wiznet5k_dns.ticks_ms
    adafruit_wiznet5k_dns.ticks_ms = lambda: ticks_ms() * 20  # it waits 5 s for a second answer when there is no such name
    chip = W5500()
    radio = adafruit_wiznet5k.WIZNET5K(busio.SPI(chip), digitalio.DigitalInOut(chip.select), is_dhcp=False)
    radio.ifconfig = (bytes([127, 0, 0, 2]), bytes([255, 0, 0, 0]), bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
    assert radio.chip == "w5500"
    return Board(chip, radio, adafruit_connection_manager.get_radio_socketpool(radio), None)


class EspAtBoard(Board):
    def get_ready(self):
        self.radio.conntype = self.radio.TCP_MODE  # the class forgets it when a connection ends


def esp_at():
    from adafruit_espatcontrol import adafruit_espatcontrol, adafruit_espatcontrol_socket
    from esp_at import EspAt
    import adafruit_connection_manager
    adafruit_espatcontrol.time = QuickTime()
    chip = EspAt()
    radio = adafruit_espatcontrol.ESP_ATcontrol(busio.UART(chip), 115200)
    radio.begin()
    assert radio.is_connected and radio.version == "AT version:3.3.0.0"
    adafruit_espatcontrol_socket.set_interface(radio)
    tls = adafruit_connection_manager.create_fake_ssl_context(adafruit_espatcontrol_socket, radio)
    return EspAtBoard(chip, radio, adafruit_espatcontrol_socket, tls)


BOARDS = {"airlift": airlift, "wiznet": wiznet, "esp_at": esp_at}
