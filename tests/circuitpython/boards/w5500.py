"""Plays WIZnet's W5500, at its registers and buffers, for TCP clients and for one question by UDP: DNS."""
from network import Link, Names

_SOCKETS, _BUFFER = 8, 2048
_MODE, _COMMAND, _INTERRUPT, _STATUS = 0, 1, 2, 3
_ADDRESS, _PORT, _TX_FREE, _TX_READ, _TX_WRITE, _RX_SIZE, _RX_READ = 0x0C, 0x10, 0x20, 0x22, 0x24, 0x26, 0x28
_OPEN, _CONNECT, _DISCONNECT, _CLOSE, _SEND, _RECEIVE = 0x01, 0x04, 0x08, 0x10, 0x20, 0x40
_TCP, _UDP = 0x21, 0x02
_CLOSED, _INIT, _ESTABLISHED, _CLOSE_WAIT, _UDP_OPEN = 0x00, 0x13, 0x17, 0x1C, 0x22
_SEND_OK, _TIMED_OUT, _DISCONNECTED = 0x10, 0x08, 0x02


class _Socket:
    def __init__(self, names):
        self.names = names
        self.registers = bytearray(0x30)
        self.tx = bytearray(_BUFFER)
        self.link = None
        self._forget()

    def word(self, at):
        return self.registers[at] << 8 | self.registers[at + 1]

    def set_word(self, at, value):
        self.registers[at], self.registers[at + 1] = value >> 8 & 255, value & 255

    def read(self, at, count):
        self._update()
        return bytes(self.registers[at:at + count])

    def write(self, at, data):
        for offset, byte in enumerate(data):
            if at + offset == _COMMAND:
                self._command(byte)
            elif at + offset == _INTERRUPT:
                self.registers[_INTERRUPT] &= ~byte  # ones clear
            elif at + offset < len(self.registers):
                self.registers[at + offset] = byte

    def _command(self, command):
        if command == _OPEN:
            self._forget()
            self.registers[_STATUS] = _INIT if self.registers[_MODE] == _TCP else _UDP_OPEN
        elif command == _CONNECT and self.registers[_MODE] == _TCP:
            self.link = Link(_BUFFER)
            is_up = self.link.connect(self.registers[_ADDRESS:_ADDRESS + 4], self.word(_PORT))
            self.registers[_STATUS] = _ESTABLISHED if is_up else _CLOSED
            self.registers[_INTERRUPT] |= 1 if is_up else _TIMED_OUT
        elif command in (_DISCONNECT, _CLOSE):
            self._forget()
            self.registers[_STATUS] = _CLOSED
            self.registers[_INTERRUPT] |= _DISCONNECTED
        elif command == _SEND:
            begin, end = self.word(_TX_READ), self.word(_TX_WRITE)
            count = end - begin & 0xFFFF
            data = bytes(self.tx[(begin + i) % _BUFFER] for i in range(count))
            if self.registers[_STATUS] == _UDP_OPEN:
                self.set_word(_TX_READ, end)
                self.registers[_INTERRUPT] |= _SEND_OK
                self._datagram = self._answer(data)
            else:
                self._to_send = data
            self._update()
        elif command == _RECEIVE:
            self._take(self.word(_RX_READ) - self._received & 0xFFFF)

    def _forget(self):
        if self.link is not None:
            self.link.close()
        self.link = None
        self._to_send = self._datagram = b""
        self._received = 0  # where the program has read to, when it has said so
        for at in (_TX_READ, _TX_WRITE, _RX_SIZE, _RX_READ):
            self.set_word(at, 0)
        self.set_word(_TX_FREE, _BUFFER)

    def _take(self, count):
        self._received = self._received + count & 0xFFFF
        if self.link is not None:
            self.link.read(count)
        else:
            self._datagram = self._datagram[count:]
        self._update()

    def _update(self):
        """What happens on the wire, as far as it has."""
        if self.link is not None:
            self.link.poll()
            if self._to_send:
                count = self.link.send(self._to_send)
                if count > 0:
                    self._to_send = self._to_send[count:]
                    self.set_word(_TX_READ, self.word(_TX_READ) + count & 0xFFFF)
                    if not self._to_send:
                        self.registers[_INTERRUPT] |= _SEND_OK
            if self.link.failed:
                self.registers[_STATUS] = _CLOSED
            elif self.link.ended:
                self.registers[_STATUS] = _CLOSE_WAIT
        self.set_word(_RX_SIZE, len(self._arrived()))
        self.set_word(_TX_FREE, _BUFFER - len(self._to_send))

    def _arrived(self):
        return self.link.arrived if self.link is not None else self._datagram

    def receive_buffer(self, at, count):
        """What has arrived lies where the read pointer says."""
        begin = at - self.word(_RX_READ) & 0xFFFF
        return self._arrived()[begin:begin + count]

    def _answer(self, question):
        """RFC 1035: the address of the name, with the header that the chip puts before a datagram."""
        labels, at = [], 12
        while question[at]:
            labels.append(str(question[at + 1:at + 1 + question[at]], "utf-8"))
            at += 1 + question[at]
        address = self.names.find(".".join(labels))
        flags = b"\x81\x80" if address else b"\x81\x83"  # answered, or there is no such name
        answer = question[:2] + flags + question[4:6] + bytes([0, bool(address)]) + bytes(4) + question[12:]
        if address:
            answer += b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + address
        return bytes(self.registers[_ADDRESS:_ADDRESS + 6]) + bytes([len(answer) >> 8, len(answer) & 255]) + answer


class W5500:
    """An SPI device."""

    def __init__(self):
        self.names = Names()
        self._common = bytearray(0x40)
        self._common[0x39] = 4  # the chip's version
        self._common[0x2E] = 1  # the link is up
        self.sockets = [_Socket(self.names) for _ in range(_SOCKETS)]
        self._head = b""

    @property
    def links(self):
        """Those that are open."""
        return [socket for socket in self.sockets if socket.link is not None]

    def hang_up(self):
        for socket in self.sockets:
            socket.write(_COMMAND, bytes([_CLOSE]))

    def select(self, level):
        self._head = b""

    def take(self, data):
        """An address of two bytes, a control byte, and what is written."""
        head = 3 - len(self._head)
        self._head += data[:head]
        data = data[head:]
        if len(self._head) == 3 and data:
            self._access(data, 0)

    def give(self, count):
        return self._access(None, count)

    def _access(self, data, count):
        address, control = self._head[0] << 8 | self._head[1], self._head[2]
        if data is not None and not control & 4:
            return None  # to another chip of the family, which is looked for first
        block = control >> 3
        number, kind = block >> 2, block & 3
        if kind == 0:
            return self._access_common(data, address, count)
        socket = self.sockets[number]
        if kind == 1:
            return socket.read(address, count) if data is None else socket.write(address, data)
        if data is None:
            return socket.receive_buffer(address, count)
        for offset, byte in enumerate(data):
            socket.tx[(address + offset) % _BUFFER] = byte
        return None

    def _access_common(self, data, address, count):
        if data is None:
            found = bytes(self._common[address:address + count])
            return found + bytes(count - len(found))
        for offset, byte in enumerate(data):
            if address + offset < len(self._common):
                self._common[address + offset] = byte
        if address == 0 and data[0] & 0x80:
            self._common[0] = 0  # a reset is done at once
        return None
