"""The emulated link as a cable that can be bad: frames between the board and QEMU's network go through here, where some are lost,
some overtake others, and none pass once it is cut. Answers DNS as well, as QEMU's own would ask the outside."""
import random
import select
import socket
import struct
import threading

HOLD_SECONDS = 0.02  # a frame that is overtaken by nothing goes on then
SERVER_ADDRESS = bytes([10, 0, 2, 100])


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_tcp(frame):
    return frame[12:14] == b"\x08\x00" and frame[23] == 6


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def dns_answer(frame, names):
    """The answer to a DNS query, as a frame, or None if it is none. Names that are not known do not exist."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 17 or struct.unpack(">H", frame[36:38])[0] != 53:
        return None
    query = frame[42:]
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    known = ".".join(labels) in names
    question = query[12:at + 5]
    flags, answers = (0x8180, 1) if known else (0x8183, 0)
    reply = query[:2] + struct.pack(">5H", flags, 1, answers, 0, 0) + question
    if known:
        reply += struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + SERVER_ADDRESS
    udp = frame[36:38] + frame[34:36] + struct.pack(">HH", 8 + len(reply), 0) + reply
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + frame[30:34] + frame[26:30]
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return frame[6:12] + frame[:6] + b"\x08\x00" + ip + udp


class Relay:
    def __init__(self, loss=0.0, reorder=0.0, names=(), seed=1):
        self.loss, self.reorder, self.names = loss, reorder, names
        self.random = random.Random(seed)
        self.lost = self.overtaken = self.passed = 0
        self.is_cut = False
        self.ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]  # the board's, the network's
        for end in self.ends:
            end.bind(("127.0.0.1", 0))
        self.qemu_ports = [free_udp_port(), free_udp_port()]
        self.held = [None, None]
        threading.Thread(target=self._run, daemon=True).start()

    def netdev(self, side):
        return f"socket,id=relay{side},udp=127.0.0.1:{self.ends[side].getsockname()[1]},localaddr=127.0.0.1:{self.qemu_ports[side]}"

    def cut(self):
        self.is_cut = True

    def _send(self, side, frame):
        self.ends[side].sendto(frame, ("127.0.0.1", self.qemu_ports[side]))

    def _release(self, side):
        frame, self.held[side] = self.held[side], None
        if frame:
            self._send(side, frame)

    def _run(self):
        while True:
            ready, _, _ = select.select(self.ends, [], [], HOLD_SECONDS)
            for side in (0, 1):
                if self.ends[side] in ready:
                    self._forward(side, self.ends[side].recv(2048))
                elif not ready:
                    self._release(side)

    def _forward(self, side, frame):
        if self.is_cut:
            return
        answer = dns_answer(frame, self.names) if side == 0 else None
        if answer:
            self._send(0, answer)
            return
        other = 1 - side
        if is_tcp(frame) and self.random.random() < self.loss:
            self.lost += 1
        elif is_tcp(frame) and not self.held[other] and self.random.random() < self.reorder:
            self.overtaken += 1
            self.held[other] = frame
        else:
            self.passed += 1
            self._send(other, frame)
            self._release(other)
