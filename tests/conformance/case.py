"""What a case is: it names a rule and its section, what the server does, and what the client must do and report."""
import dataclasses
from typing import Callable

from hostile_server import Peer, close


@dataclasses.dataclass
class Case:
    name: str
    section: str
    serve: Callable[[Peer], None]
    events: list           # of lines that the client reports before its end; see text() and binary()
    code: int              # of the close frame that the client must send; 0: none
    failure: str = ""      # part of the sentence that the client reports; "": the end is clean
    args: tuple = ()
    check: Callable[[Peer], None] = None
    refusal: str = ""      # "STATUS BODY" of the answer that refused the handshake, if the client reports it


CASES = []
OPEN = "open subprotocol= extensions="
SHORT = ("--timeout", "300")  # for what must time out; all else has seconds, as machines may be slow
LONG_TEXT = ("plain ASCII, größer, €, 😀. " * 3000).encode()
RESERVED = "reserved bit"
LIMIT = ("--max-message", "1000")


def fnv(data):
    value = 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return value


def message(kind, data):
    return f"{kind} {len(data)} {data[:64].hex()} {fnv(data):016x}"


def text(data):
    return message("text", data.encode() if isinstance(data, str) else data)


def binary(data):
    return message("binary", data)


def add(*args, **kwargs):
    CASES.append(Case(*args, **kwargs))


# --- Scripts -----------------------------------------------------------------------------------------------------

def after_open(data, drip=0, extra="", ends=True):
    """Opens, sends `data`, and waits for the client's close frame."""
    def serve(peer):
        peer.read_request()
        if drip:
            peer.open(extra)
            peer.drip(data, drip)
        else:
            peer.send(peer.response(extra=extra) + data)
        if ends:
            peer.finish()
    return serve


def answer(**kwargs):
    def serve(peer):
        peer.read_request()
        peer.send(peer.response(**kwargs))
        peer.finish()
    return serve


def raw_answer(data, ends=True):
    def serve(peer):
        peer.read_request()
        peer.send(data)
        if ends:
            peer.connection.close()
        else:
            peer.finish()
    return serve


def violates(name, section, data, failure, code=1002, events=(), **kwargs):
    add(name, section, after_open(data), [OPEN, *events], code, failure, **kwargs)


def delivers(name, section, data, *events, **kwargs):
    add(name, section, after_open(data + close(1000)), [OPEN, *events], 1000, **kwargs)


def refuses(name, section, serve, failure, args=(), refusal=""):
    add(name, section, serve, [], 0, failure, args, refusal=refusal)


def refused(name, section, data, refusal, ends=True, args=()):
    """The answer `data`, which is not a 101: reported are its status and what its body says."""
    refuses(name, section, raw_answer(data, ends), f"handshake refused: HTTP {refusal[:3]} (expected 101)", args, refusal)


def expect_pongs(peer, *payloads):
    got = [frame[1] for frame in peer.frames if frame[0] == 10]
    assert got == list(payloads), f"pongs {got}"
