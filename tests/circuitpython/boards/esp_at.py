"""Plays an ESP with Espressif's AT firmware on a serial line: one connection, in the normal mode."""
from network import Link, Names

_WINDOW = 1460  # at most this comes in one +IPD


class EspAt:
    """What it says comes in pieces, as a slow line brings them: the next one when the one before has been read."""

    def __init__(self):
        self.names = Names()
        self.links = {}
        self.tls_hosts = []
        self.loses_the_next_send = False
        self._piece = b""
        self._answers = []
        self._line = b""
        self._expected = 0  # bytes that follow AT+CIPSEND

    def hang_up(self):
        self._drop()

    # --- The line ---

    def waiting(self):
        if not self._piece:
            self._piece = self._answers.pop(0) if self._answers else self._news()
        return len(self._piece)

    def give(self, count):
        data, self._piece = self._piece[:count], self._piece[count:]
        return data

    def take(self, data):
        if self._expected:
            count = self._expected
            self._send(data[:count])
            data = data[count:]
        self._line += data
        while b"\r\n" in self._line:
            line, self._line = self._line.split(b"\r\n", 1)
            if line:
                self._answers.append(self._answer(str(line, "utf-8")))

    def _news(self):
        """What the firmware says by itself."""
        link = self.links.get(0)
        if link is None:
            return b""
        link.poll()
        if link.arrived:
            data = link.read(_WINDOW)
            return b"\r\n+IPD,%d:" % len(data) + data
        if link.ended:
            self._drop()
            return b"CLOSED\r\n"
        return b""

    # --- Commands ---

    def _answer(self, line):
        name, _, value = line.partition("=")
        link = self.links.get(0)
        if name == "AT+CIPSTART":
            return self._start(*[part.strip('"') for part in value.split(",")][:3])
        if name == "AT+CIPSEND":
            if link is None:
                return b"link is not valid\r\nERROR\r\n"
            self._expected = int(value)
            return b"\r\nOK\r\n>"
        if name == "AT+CIPCLOSE":
            if link is None:
                return b"ERROR\r\n"
            self._drop()
            return b"CLOSED\r\n\r\nOK\r\n"
        if name == "AT+CIPDOMAIN":
            address = self.names.find(value.strip('"'))
            return b'+CIPDOMAIN:"%d.%d.%d.%d"\r\n\r\nOK\r\n' % tuple(address) if address else b"DNS Fail\r\nERROR\r\n"
        news = {"AT+CWSTATE?": b'+CWSTATE:2,"net"\r\n', "AT+CIPMUX?": b"+CIPMUX:0\r\n", "AT+GMR": b"AT version:3.3.0.0\r\n"}
        if name == "AT+CIPSTATE?":
            is_up = link is not None and (link.poll() or link.arrived or not link.ended)
            return (b'+CIPSTATE:0,"TCP","127.0.0.1",1,2,0\r\n' if is_up else b"") + b"\r\nOK\r\n"
        return news.get(name, b"") + b"\r\nOK\r\n"

    def _start(self, kind, host, port):
        if kind == "SSL":
            self.tls_hosts.append(host)
        address = self.names.find(host)
        link = Link(_WINDOW)
        if address is None or not link.connect(address, int(port)):
            return b"ERROR\r\nCLOSED\r\n"
        self.links[0] = link
        return b"CONNECT\r\n\r\nOK\r\n"

    def _send(self, data):
        self._expected = 0
        link = self.links.get(0)
        sent = not self.loses_the_next_send and link is not None and link.send_all(data) == len(data)
        self.loses_the_next_send = False
        self._answers.append(b"Recv %d bytes\r\n\r\nSEND OK\r\n" % len(data) if sent else b"ERROR\r\n")

    def _drop(self):
        link = self.links.pop(0, None)
        if link is not None:
            link.close()
