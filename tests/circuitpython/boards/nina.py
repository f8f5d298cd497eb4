"""Plays the ESP32 of an AirLift with Adafruit's firmware (nina-fw), at its SPI commands."""
from network import Link, Names

_START, _END, _ERROR, _REPLY = 0xE0, 0xEE, 0xEF, 0x80
_WINDOW = 5744  # lwIP's, in that firmware
_CLOSED, _ESTABLISHED = 0, 4
_TLS_MODE = 2


def _number(data):
    """Big-endian."""
    value = 0
    for byte in data:
        value = value << 8 | byte
    return value


class Nina:
    """An SPI device. `links`: the sockets by their number."""

    def __init__(self):
        self.names = Names()
        self.links = {}
        self.tls_hosts = []  # that TLS connections were asked for
        self.loses_the_next_send = False
        self._name = ""
        self._reply = b""
        self._selected = False
        self._commands = {
            0x20: self._status, 0x2A: self._data_sent, 0x2B: self._available, 0x2D: self._connect, 0x2E: self._close,
            0x2F: self._state, 0x34: self._request_name, 0x35: self._give_name, 0x37: self._version, 0x3F: self._new_socket,
            0x44: self._send, 0x45: self._receive,
        }

    def hang_up(self):
        for link in self.links.values():
            link.close()
        self.links.clear()

    # --- Pins and bus ---

    def select(self, level):
        self._selected = not level

    def ready(self):
        """Goes up when the chip is selected and answers, and down when it can be selected."""
        return self._selected

    def take(self, data):
        wide = data[1] in (0x44, 0x45)  # sizes of two bytes
        assert data[0] == _START, data
        parameters, at = [], 3
        for _ in range(data[2]):
            size = _number(data[at:at + 2]) if wide else data[at]
            at += 2 if wide else 1
            parameters.append(data[at:at + size])
            at += size
        assert data[at] == _END, data
        answer = self._commands[data[1]](*parameters)
        head = bytes([_START, data[1] | _REPLY, 1])
        size = bytes([len(answer) >> 8, len(answer) & 255]) if data[1] == 0x45 else bytes([len(answer)])
        self._reply = head + size + answer + bytes([_END])

    def give(self, count):
        data, self._reply = self._reply[:count], self._reply[count:]
        return data + bytes(count - len(data))

    # --- Commands ---

    @staticmethod
    def _status():
        return b"\x03"  # connected

    @staticmethod
    def _version():
        return b"3.3.0\x00"

    def _request_name(self, name):
        self._name = str(name, "utf-8")
        return bytes([self.names.find(self._name) is not None])

    def _give_name(self):
        return self.names.find(self._name)

    def _new_socket(self):
        for number in range(10):
            if number not in self.links:
                self.links[number] = Link(_WINDOW)
                return bytes([number])
        return b"\xff"

    def _connect(self, *parameters):
        host, (port, number, mode) = parameters[0], parameters[-3:]
        if len(parameters) == 4:
            address = bytes(host)
        else:
            address = self.names.find(str(host, "utf-8"))
        if mode[0] == _TLS_MODE:
            self.tls_hosts.append(str(host, "utf-8"))
        link = self.links[number[0]] = Link(_WINDOW)
        return bytes([address is not None and link.connect(address, _number(port))])

    def _link(self, number):
        link = self.links.get(number[0])
        if link is not None:
            link.poll()
        return link

    def _state(self, number):
        link = self._link(number)
        is_up = link is not None and link.is_open and (bool(link.arrived) or not link.ended)
        return bytes([_ESTABLISHED if is_up else _CLOSED])

    def _available(self, number):
        link = self._link(number)
        count = len(link.arrived) if link else 0
        return bytes([count & 255, count >> 8])

    def _receive(self, number, size):
        link = self._link(number)
        return link.read(size[0] | size[1] << 8) if link else b""

    def _send(self, number, data):
        link = self._link(number)
        count = 0 if self.loses_the_next_send or link is None else link.send_all(data)
        self.loses_the_next_send = False
        return bytes([count & 255, count >> 8])

    @staticmethod
    def _data_sent(number):
        return b"\x01"

    def _close(self, number):
        link = self.links.pop(number[0], None)
        if link is not None:
            link.close()
        return b"\x01"
