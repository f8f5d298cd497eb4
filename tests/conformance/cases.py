"""The cases: each names a rule and its section, what the server does, and what the client must do and report."""
import dataclasses
import struct
import time
import zlib
from typing import Callable

from hostile_server import Peer, close, frame


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


CASES = []
OPEN = "open subprotocol= extensions="
SHORT = ("--timeout", "300")  # for what must time out; all else has seconds, as machines may be slow


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


def refuses(name, section, serve, failure, args=()):
    add(name, section, serve, [], 0, failure, args)


# --- 4: opening handshake ----------------------------------------------------------------------------------------

add("a_correct_answer_opens", "6455 §4.2.2", after_open(close(1000)), [OPEN], 1000)
add("data_glued_to_the_101_is_delivered", "6455 §4.2.2", after_open(frame(1, b"first") + close(1000)), [OPEN, text("first")], 1000)


def drip_all(peer):
    peer.read_request()
    peer.drip(peer.response() + frame(1, b"drop by drop") + close(1000))
    peer.finish()


add("everything_byte_by_byte", "6455 §4.2.2", drip_all, [OPEN, text("drop by drop")], 1000)

for label, lines in {
    "upgrade_in_capitals": dict(upgrade="UPGRADE: WEBSOCKET\r\n"),
    "upgrade_without_blank": dict(upgrade="Upgrade:websocket\r\n"),
    "upgrade_with_blanks_around": dict(upgrade="Upgrade: \t websocket \t\r\n"),
    "connection_in_lower_case": dict(connection="connection: upgrade\r\n"),
    "connection_as_a_list": dict(connection="Connection: keep-alive, Upgrade\r\n"),
    "connection_as_two_fields": dict(connection="Connection: keep-alive\r\nConnection: upgrade\r\n"),
    "other_reason_phrase": dict(status="101 Web Socket Protocol Handshake"),
    "empty_reason_phrase": dict(status="101 "),
    "no_reason_phrase": dict(status="101"),
    "unknown_fields": dict(extra="Server: x\r\nDate: today\r\nX-Empty:\r\nSet-Cookie: a=b\r\n"),
    "value_with_colons_and_obs_text": dict(extra="X: a:b:\xe9\r\n"),
    "empty_extension_list": dict(extra="Sec-WebSocket-Extensions: \r\n"),
    "large_header_within_the_limit": dict(extra="X: " + "x" * 30000 + "\r\n"),
}.items():
    def opens(peer, lines=lines):
        peer.read_request()
        peer.send(peer.response(**lines) + close(1000))
        peer.finish()
    add(f"accepts_{label}", "6455 §4.1", opens, [OPEN], 1000)

UPGRADE, CONNECTION = "'Upgrade: websocket' is missing or wrong", "'Connection: Upgrade' is missing or wrong"
for label, lines, failure in [
    ("no_upgrade", dict(upgrade=""), UPGRADE),
    ("upgrade_to_something_else", dict(upgrade="Upgrade: h2c\r\n"), UPGRADE),
    ("upgrade_with_a_version", dict(upgrade="Upgrade: websocket/13\r\n"), UPGRADE),
    ("upgrade_that_only_begins_right", dict(upgrade="Upgrade: websockets\r\n"), UPGRADE),
    ("upgrade_empty", dict(upgrade="Upgrade:\r\n"), UPGRADE),
    ("upgrade_twice_once_wrong", dict(upgrade="Upgrade: websocket\r\nUpgrade: h2c\r\n"), UPGRADE),
    ("no_connection", dict(connection=""), CONNECTION),
    ("connection_close", dict(connection="Connection: close\r\n"), CONNECTION),
    ("connection_that_only_contains_the_token", dict(connection="Connection: Upgraded\r\n"), CONNECTION),
    ("connection_quoted", dict(connection='Connection: "Upgrade"\r\n'), CONNECTION),
    ("no_accept", dict(accept=""), "Sec-WebSocket-Accept is missing or repeated"),
    ("accept_of_another_key", dict(accept="Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "does not match the key"),
    ("accept_empty", dict(accept="Sec-WebSocket-Accept:\r\n"), "does not match the key"),
    ("accept_cut", dict(accept="Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xO\r\n"), "does not match the key"),
    ("unoffered_subprotocol", dict(extra="Sec-WebSocket-Protocol: chat\r\n"), "subprotocol that was not offered"),
    ("empty_subprotocol", dict(extra="Sec-WebSocket-Protocol:\r\n"), "subprotocol that was not offered"),
    ("unoffered_extension", dict(extra="Sec-WebSocket-Extensions: permessage-deflate\r\n"), "extension that was not offered"),
    ("unknown_extension", dict(extra="Sec-WebSocket-Extensions: x-foo; y=1\r\n"), "extension that was not offered"),
    ("field_name_with_a_blank", dict(extra="Bad Name: x\r\n"), "header is malformed"),
    ("field_name_before_a_blank", dict(extra="Name : x\r\n"), "header is malformed"),
    ("field_without_colon", dict(extra="nothing\r\n"), "header is malformed"),
    ("field_without_name", dict(extra=": x\r\n"), "header is malformed"),
    ("folded_field", dict(extra="A: b\r\n c\r\n"), "header is malformed"),
    ("nul_in_a_value", dict(extra="A: b\0c\r\n"), "header is malformed"),
    ("bare_cr_in_a_value", dict(extra="A: b\rc\r\n"), "header is malformed"),
    ("bare_lf_as_line_end", dict(extra="A: b\nC: d\r\n"), "header is malformed"),
    ("control_character_in_a_value", dict(extra="A: \x01\r\n"), "header is malformed"),
    ("http_1_0", dict(version="HTTP/1.0"), "does not answer in HTTP/1.1"),
    ("http_2", dict(version="HTTP/2"), "does not answer in HTTP/1.1"),
    ("http_in_lower_case", dict(version="http/1.1"), "does not answer in HTTP/1.1"),
    ("header_larger_than_the_limit", dict(extra="X: " + "x" * 70000 + "\r\n"), "larger than the limit"),
]:
    refuses(f"refuses_{label}", "6455 §4.1", answer(**lines), failure)


def accept_twice(peer):
    peer.read_request()
    line = f"Sec-WebSocket-Accept: {__import__('hostile_server').accept_for(peer.key)}\r\n"
    peer.send(peer.response(accept=line + line))
    peer.finish()


def accept_in_other_case(peer):
    peer.read_request()
    value = __import__("hostile_server").accept_for(peer.key)
    peer.send(peer.response(accept=f"Sec-WebSocket-Accept: {value.swapcase()}\r\n"))
    peer.finish()


refuses("refuses_accept_twice", "6455 §4.2.2", accept_twice, "Sec-WebSocket-Accept is missing or repeated")
refuses("refuses_accept_in_other_case", "6455 §4.2.2", accept_in_other_case, "does not match the key")

for label, line in [("chosen", "chat"), ("second", "superchat")]:
    add(f"accepts_an_offered_subprotocol_{label}", "6455 §4.1", after_open(close(1000), extra=f"Sec-WebSocket-Protocol: {line}\r\n"),
        [f"open subprotocol={line} extensions="], 1000, args=("--subprotocol", "chat", "--subprotocol", "superchat"))
for label, line in [("other_case", "CHAT"), ("list", "chat, superchat"), ("two_fields", "chat\r\nSec-WebSocket-Protocol: chat"), ("prefix", "cha")]:
    refuses(f"refuses_subprotocol_{label}", "6455 §4.1", answer(extra=f"Sec-WebSocket-Protocol: {line}\r\n"), "subprotocol that was not offered",
            ("--subprotocol", "chat", "--subprotocol", "superchat"))

for label, status in [("ok", 200), ("moved", 301), ("found", 302), ("bad_request", 400), ("unauthorized", 401), ("forbidden", 403),
                      ("not_found", 404), ("upgrade_required", 426), ("error", 500), ("unavailable", 503)]:
    refuses(f"reports_a_refusal_{label}", "6455 §4.1", raw_answer(f"HTTP/1.1 {status} X\r\nContent-Length: 4\r\n\r\nbody".encode()),
            f"handshake refused: HTTP {status} (expected 101)")
refuses("refusal_with_a_body_that_never_ends", "6455 §4.1", raw_answer(b"HTTP/1.1 403 X\r\n\r\npart", ends=False), "HTTP 403", SHORT)
refuses("refusal_in_chunks", "9112 §7.1", raw_answer(b"HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"), "HTTP 403")
refuses("refusal_with_a_false_length", "9112 §6.3", raw_answer(b"HTTP/1.1 403 X\r\nContent-Length: 99999999999999999999\r\n\r\nb"), "HTTP 403")
refuses("refusal_without_body", "6455 §4.1", raw_answer(b"HTTP/1.1 404\r\n\r\n"), "HTTP 404")

for label, data, failure in [
    ("nothing", b"", "ended during the opening handshake"),
    ("half_a_status_line", b"HTTP/1.1 10", "ended during the opening handshake"),
    ("half_a_header", b"HTTP/1.1 101 X\r\nUpgrade: webs", "ended during the opening handshake"),
    ("ssh", b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer in HTTP/1.1"),
    ("tls", b"\x15\x03\x01\x00\x02\x02\x46", "does not answer in HTTP/1.1"),
    ("smtp", b"220 mail\r\n", "does not answer in HTTP/1.1"),
    ("html", b"<html>", "does not answer in HTTP/1.1"),
    ("frames_at_once", frame(1, b"hello"), "does not answer in HTTP/1.1"),
    ("leading_blank_line", b"\r\nHTTP/1.1 101 X\r\n\r\n", "does not answer in HTTP/1.1"),
    ("status_of_two_digits", b"HTTP/1.1 10 X\r\n\r\n", "header is malformed"),
    ("status_of_four_digits", b"HTTP/1.1 1010 X\r\n\r\n", "header is malformed"),
    ("status_with_letters", b"HTTP/1.1 1O1 X\r\n\r\n", "header is malformed"),
    ("status_with_sign", b"HTTP/1.1 +11 X\r\n\r\n", "header is malformed"),
    ("status_600", b"HTTP/1.1 600 X\r\n\r\n", "header is malformed"),
    ("lf_only", b"HTTP/1.1 101 X\nUpgrade: websocket\n\n\r\n\r\n", "header is malformed"),
]:
    refuses(f"refuses_{label}_as_answer", "6455 §4.1", raw_answer(data), failure)


def silent(peer):
    peer.read_request()
    time.sleep(0.8)


def dripping_forever(peer):
    peer.read_request()
    peer.send(b"HTTP/1.1 101 X\r\n")
    for _ in range(40):
        peer.send(b"A: b\r\n")
        time.sleep(0.02)


def early_hints(peer):
    peer.read_request()
    peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + peer.response() + close(1000))
    peer.finish()


refuses("gives_up_a_silent_server", "6455 §7.1.7", silent, "took too long", SHORT)
refuses("gives_up_a_header_that_never_ends", "6455 §7.1.7", dripping_forever, "took too long", SHORT)
add("passes_over_interim_responses", "9110 §15.2", early_hints, [OPEN], 1000)


def checks_request(peer):
    assert peer.request_line == "GET / HTTP/1.1", peer.request_line
    assert peer.headers["upgrade"] == "websocket" and peer.headers["connection"] == "Upgrade"
    assert peer.headers["sec-websocket-version"] == "13" and peer.headers["host"].startswith("127.0.0.1:")
    assert len(peer.key) == 24 and peer.headers["x-test"] == "value"
    assert "origin" not in peer.headers and "sec-websocket-extensions" not in peer.headers


add("the_request_is_what_the_rfc_says", "6455 §4.1", after_open(close(1000)), [OPEN], 1000, args=("--header", "X-Test: value"), check=checks_request)

# --- 5.2: frame headers ------------------------------------------------------------------------------------------

RESERVED = "reserved bit"
for bits in (0x40, 0x20, 0x10, 0x60, 0x50, 0x30, 0x70):
    for opcode, kind in ((1, "text"), (2, "binary"), (8, "close"), (9, "ping"), (10, "pong")):
        if bits in (0x40, 0x20, 0x10) or kind in ("text", "ping"):
            violates(f"rsv_{bits >> 4}_on_{kind}", "6455 §5.2", frame(opcode, b"\x03\xe8", rsv=bits), RESERVED)
violates("rsv_1_on_continuation", "6455 §5.2", frame(1, b"a", fin=False) + frame(0, b"b", rsv=0x40), RESERVED)
for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
    violates(f"reserved_opcode_{opcode}", "6455 §5.2", frame(opcode, b"x"), "opcode is reserved")
    if opcode in (3, 7, 11, 15):
        violates(f"reserved_opcode_{opcode}_in_a_message", "6455 §5.2", frame(1, b"a", fin=False) + frame(opcode), "opcode is reserved")
for opcode, kind in ((1, "text"), (2, "binary"), (8, "close"), (9, "ping"), (10, "pong")):
    violates(f"masked_{kind}", "6455 §5.1", frame(opcode, b"\x03\xe8", mask=b"abcd"), "masked frame")
violates("masked_with_a_zero_key", "6455 §5.1", frame(1, b"x", mask=b"\0\0\0\0"), "masked frame")
for size in (0, 1, 125):
    violates(f"length_{size}_in_16_bits", "6455 §5.2", frame(2, b"x" * size, form=16), "shortest form")
for size in (0, 125, 126, 65535):
    violates(f"length_{size}_in_64_bits", "6455 §5.2", frame(2, b"x" * size, form=64), "shortest form")
for size, label in ((2**63, "2_63"), (2**64 - 1, "2_64_minus_1"), (2**63 + 5, "2_63_plus_5")):
    violates(f"length_{label}", "6455 §5.2", frame(2, b"", length=size, form=64), "top bit")
violates("length_top_bit_alone_is_enough", "6455 §5.2", b"\x82\x7f\x80", "top bit")
for size in (0, 1, 125, 126, 127, 255, 256, 4095, 65535, 65536, 65537, 200000):
    data = bytes(i * 7 & 0xFF for i in range(size))
    delivers(f"binary_of_{size}_bytes", "6455 §5.2", frame(2, data), binary(data))
for size in (0, 125, 126, 65535, 65536):
    delivers(f"text_of_{size}_bytes", "6455 §5.2", frame(1, b"t" * size), text(b"t" * size))

# --- 5.4: fragmentation ------------------------------------------------------------------------------------------

for opcode, kind in ((1, text), (2, binary)):
    label = kind.__name__
    delivers(f"two_fragments_{label}", "6455 §5.4", frame(opcode, b"ab", fin=False) + frame(0, b"cd"), kind(b"abcd"))
    delivers(f"empty_fragments_{label}", "6455 §5.4", frame(opcode, b"", fin=False) + frame(0, b"", fin=False) + frame(0, b""), kind(b""))
    delivers(f"empty_first_and_last_fragment_{label}", "6455 §5.4", frame(opcode, b"", fin=False) + frame(0, b"x", fin=False) + frame(0, b""), kind(b"x"))
    delivers(f"a_thousand_fragments_{label}", "6455 §5.4",
             frame(opcode, b"x", fin=False) + frame(0, b"y", fin=False) * 998 + frame(0, b"z"), kind(b"x" + b"y" * 998 + b"z"))
    delivers(f"ping_between_fragments_{label}", "6455 §5.5", frame(opcode, b"ab", fin=False) + frame(9, b"p") + frame(0, b"cd"), kind(b"abcd"),
             check=lambda peer: expect_pongs(peer, b"p"))
violates("continuation_first", "6455 §5.4", frame(0, b"x"), "continuation frame without")
violates("continuation_first_not_final", "6455 §5.4", frame(0, b"x", fin=False), "continuation frame without")
violates("continuation_after_a_whole_message", "6455 §5.4", frame(1, b"a") + frame(0, b"x"), "continuation frame without", events=[text("a")])
violates("continuation_after_a_fragmented_message", "6455 §5.4", frame(1, b"a", fin=False) + frame(0, b"b") + frame(0, b"c"), "continuation frame without", events=[text("ab")])
for opcode, kind in ((1, "text"), (2, "binary")):
    for fin in (True, False):
        violates(f"new_{kind}_{'whole' if fin else 'fragment'}_inside_a_message", "6455 §5.4", frame(1, b"a", fin=False) + frame(opcode, b"b", fin=fin), "new message started")
for opcode, kind in ((8, "close"), (9, "ping"), (10, "pong")):
    violates(f"fragmented_{kind}", "6455 §5.5", frame(opcode, b"", fin=False), "control frame is fragmented")
    violates(f"fragmented_{kind}_inside_a_message", "6455 §5.5", frame(1, b"a", fin=False) + frame(opcode, b"", fin=False), "control frame is fragmented")
    violates(f"{kind}_of_126_bytes", "6455 §5.5", frame(opcode, b"\x03\xe8" + b"x" * 124), "longer than 125")
    violates(f"{kind}_with_a_64_bit_length", "6455 §5.5", frame(opcode, b"x" * 65536), "longer than 125")


# --- 5.5: ping and pong ------------------------------------------------------------------------------------------

def expect_pongs(peer, *payloads):
    got = [frame[1] for frame in peer.frames if frame[0] == 10]
    assert got == list(payloads), f"pongs {got}"


for size in (0, 1, 125):
    delivers(f"ping_of_{size}_bytes_is_answered", "6455 §5.5.2", frame(9, b"p" * size), check=lambda peer, size=size: expect_pongs(peer, b"p" * size))
delivers("pings_are_answered_in_order", "6455 §5.5.2", b"".join(frame(9, bytes([i])) for i in range(20)),
         check=lambda peer: expect_pongs(peer, *(bytes([i]) for i in range(20))))
delivers("unsolicited_pongs_are_taken", "6455 §5.5.3", frame(10, b"") + frame(10, b"x" * 125) + frame(1, b"a"), text("a"), check=lambda peer: expect_pongs(peer))
delivers("ping_payload_need_not_be_text", "6455 §5.5.2", frame(9, b"\xff\x00\xfe"), check=lambda peer: expect_pongs(peer, b"\xff\x00\xfe"))


def checks_fresh_keys(peer):
    keys = [frame[4] for frame in peer.frames]
    assert len(set(keys)) == len(keys) > 20, "a masking key came twice"


delivers("every_frame_has_its_own_masking_key", "6455 §5.3", frame(9, b"") * 40, check=checks_fresh_keys)

# --- 7: close ----------------------------------------------------------------------------------------------------

for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
    add(f"close_{code}_is_echoed", "6455 §7.4", after_open(close(code, b"bye")), [OPEN], code)
add("close_without_code_is_echoed", "6455 §5.5.1", after_open(close()), [OPEN], 1005)
for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 65535):
    violates(f"close_code_{code}", "6455 §7.4", close(code), "close code that must not be sent")
violates("close_of_one_byte", "6455 §5.5.1", frame(8, b"\x03"), "payload of one byte")
violates("close_reason_not_utf8", "6455 §5.5.1", close(1000, b"\xff"), "not valid UTF-8", 1007)
violates("close_reason_cut_in_a_code_point", "6455 §5.5.1", close(1000, b"caf\xc3"), "not valid UTF-8", 1007)
add("close_with_the_longest_reason", "6455 §5.5.1", after_open(close(1000, b"r" * 123)), [OPEN], 1000)
add("close_reason_in_utf8", "6455 §5.5.1", after_open(close(1000, "größe €".encode())), [OPEN], 1000)
add("nothing_after_a_close_frame_counts", "6455 §5.5.1", after_open(close(1000) + frame(1, b"late") + frame(3)), [OPEN], 1000)
add("a_close_frame_inside_a_message_ends_it", "6455 §5.4", after_open(frame(1, b"half", fin=False) + close(1000)), [OPEN], 1000)
add("two_close_frames", "6455 §5.5.1", after_open(close(1000) + close(1001)), [OPEN], 1000)


def our_close(after):
    def serve(peer):
        peer.read_request()
        peer.open()
        peer.read_frames()
        peer.send(after)
        peer.connection.close()
    return serve


add("our_close_is_answered", "6455 §7.1.2", our_close(close(1000)), [OPEN], 1000, args=("--close-after", "0"))
add("our_close_is_answered_with_another_code", "6455 §7.1.2", our_close(close(1001)), [OPEN], 1000, args=("--close-after", "0"))
add("messages_still_come_after_our_close", "6455 §7.1.2", our_close(frame(1, b"last") + close(1000)), [OPEN, text("last")], 1000, args=("--close-after", "0"))
add("our_close_is_not_answered", "6455 §7.1.1", our_close(b""), [OPEN], 1000, "ended without a close frame", args=("--close-after", "0"))
add("our_close_meets_a_violation", "6455 §7.1.7", our_close(frame(3)), [OPEN], 1000, "opcode is reserved", args=("--close-after", "0"))


def our_close_meets_silence(peer):
    peer.read_request()
    peer.open()
    peer.read_frames()
    time.sleep(0.7)


add("our_close_meets_silence", "6455 §7.1.1", our_close_meets_silence, [OPEN], 1000, "did not finish the closing handshake in time", args=("--close-after", "0", *SHORT))


def no_end_of_file(peer):
    peer.read_request()
    peer.send(peer.response() + close(1000))
    peer.read_frames()
    time.sleep(0.7)


add("a_server_that_keeps_the_stream_open_is_left", "6455 §7.1.1", no_end_of_file, [OPEN], 1000, args=SHORT)

# --- 8.1: UTF-8 --------------------------------------------------------------------------------------------------

BAD_UTF8 = ["80", "bf", "8080", "c0", "c080", "c1bf", "c3", "c328", "c3c3", "e0", "e080", "e08080", "e09fbf", "e282", "e28228", "e228a1", "eda080", "edbfbf",
            "edadbfedb080", "efbf", "f0", "f08080", "f0808080", "f08fbfbf", "f09f98", "f09f9828", "f0288cbc", "f4908080", "f5808080", "f888808080",
            "fc8480808080", "fe", "ff", "fefeffff", "61ff62", "cebae1bdb9cf83cebcceb5eda080656469746564"]
for bad in BAD_UTF8:
    violates(f"text_{bad}", "6455 §8.1", frame(1, bytes.fromhex(bad)), "not valid UTF-8", 1007)
for good in ["00", "7f", "c280", "dfbf", "e0a080", "ecbfbf", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f3bfbfbf", "f48fbfbf", "efbbbf61", "cebae1bdb9cf83cebcceb5"]:
    delivers(f"text_{good}", "6455 §8.1", frame(1, bytes.fromhex(good)), text(bytes.fromhex(good)))
delivers("code_points_cut_by_fragments", "6455 §8.1", frame(1, b"\xf0", fin=False) + frame(0, b"\x9f", fin=False) + frame(0, b"\x98", fin=False) + frame(0, b"\x80"), text("😀"))
violates("code_point_cut_by_the_end_of_the_message", "6455 §8.1", frame(1, b"ok \xf0\x9f", fin=False) + frame(0, b"\x98"), "not valid UTF-8", 1007)
violates("fails_in_the_first_fragment", "6455 §8.1", frame(1, b"\xff", fin=False), "not valid UTF-8", 1007)
violates("fails_before_the_frame_is_whole", "6455 §8.1", frame(1, b"ab\xed\xa0", length=100), "not valid UTF-8", 1007)
violates("bad_byte_at_the_end_of_64_KiB", "6455 §8.1", frame(1, "é".encode() * 32768 + b"\xff"), "not valid UTF-8", 1007)
delivers("binary_is_not_checked", "6455 §5.6", frame(2, b"\xff\xfe"), binary(b"\xff\xfe"))
long_text = ("plain ASCII, größer, €, 😀. " * 3000).encode()
delivers("long_mixed_text", "6455 §8.1", frame(1, long_text), text(long_text))

# --- Limits ------------------------------------------------------------------------------------------------------

LIMIT = ("--max-message", "1000")
delivers("message_at_the_limit", "6455 §10.4", frame(2, b"x" * 1000), binary(b"x" * 1000), args=LIMIT)
violates("message_over_the_limit", "6455 §10.4", frame(2, b"", length=1001), "message is larger", 1009, args=LIMIT)
violates("fragments_over_the_limit", "6455 §10.4", frame(2, b"x" * 600, fin=False) + frame(0, b"", length=401), "message is larger", 1009, args=LIMIT)
violates("frame_over_the_limit", "6455 §10.4", frame(2, b"", length=501, fin=False), "frame is larger", 1009, args=("--max-frame", "500"))
for exponent in (31, 32, 40, 62):
    violates(f"announced_2_{exponent}", "6455 §10.4", frame(2, b"x", length=2**exponent), "message is larger", 1009)
violates("many_small_fragments_over_the_limit", "6455 §10.4", frame(2, b"x", fin=False) + frame(0, b"x", fin=False) * 1000, "message is larger", 1009, args=LIMIT)
add("message_larger_than_every_buffer_by_parts", "6455 §6.2", after_open(frame(2, bytes(3_000_000)) + close(1000)), [OPEN, "streamed 3000000"], 1000, args=("--parts",))

# --- RFC 7692 ----------------------------------------------------------------------------------------------------

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"


def deflated(data, level=9, bits=-15, final=False):
    codec = zlib.compressobj(level, zlib.DEFLATED, bits)
    out = codec.compress(data) + codec.flush(zlib.Z_FINISH if final else zlib.Z_SYNC_FLUSH)
    return out + b"\x00" if final else out[:-4]


def compressed(name, data, events, code=1000, failure="", answer="", section="7692 §7.2.2", args=("--compress",), check=None):
    ended = data + (close(1000) if code == 1000 and not failure else b"")
    opened = f"open subprotocol= extensions=permessage-deflate{answer}"
    add(name, section, after_open(ended, extra=f"{DEFLATE}{answer}\r\n"), [opened, *events], code, failure, args, check)


HELLO = bytes.fromhex("f248cdc9c90700")
compressed("compressed_hello", frame(1, HELLO, rsv=0x40), [text("Hello")])
compressed("compressed_hello_in_fragments", frame(1, HELLO[:3], rsv=0x40, fin=False) + frame(0, HELLO[3:]), [text("Hello")])
compressed("compressed_hello_in_single_bytes", frame(1, HELLO[:1], rsv=0x40, fin=False) + b"".join(frame(0, HELLO[i:i + 1], fin=False) for i in range(1, 6)) + frame(0, HELLO[6:]), [text("Hello")])
compressed("compressed_with_takeover", frame(1, HELLO, rsv=0x40) + frame(1, bytes.fromhex("f200110000"), rsv=0x40), [text("Hello"), text("Hello")])
compressed("compressed_stored_block", frame(1, bytes.fromhex("000500faff48656c6c6f00"), rsv=0x40), [text("Hello")])
compressed("compressed_final_block", frame(1, bytes.fromhex("f348cdc9c9070000"), rsv=0x40), [text("Hello")])
compressed("compressed_two_blocks", frame(1, bytes.fromhex("f248050000 00ffffcac9c90700".replace(" ", "")), rsv=0x40), [text("Hello")])
compressed("compressed_empty", frame(1, b"\x00", rsv=0x40), [text("")])
compressed("uncompressed_beside_compressed", frame(1, b"plain") + frame(1, HELLO, rsv=0x40) + frame(2, b"\x01"), [text("plain"), text("Hello"), binary(b"\x01")])
compressed("ping_between_compressed_fragments", frame(1, HELLO[:3], rsv=0x40, fin=False) + frame(9, b"p") + frame(0, HELLO[3:]), [text("Hello")], check=lambda peer: expect_pongs(peer, b"p"))
for level in (1, 6, 9):
    compressed(f"compressed_long_text_level_{level}", frame(1, deflated(long_text, level), rsv=0x40), [text(long_text)])
noise = bytes((i * i * 2654435761 >> 13) & 0xFF for i in range(100000))
compressed("compressed_noise", frame(2, deflated(noise), rsv=0x40), [binary(noise)])
compressed("compressed_final_block_long", frame(1, deflated(long_text, final=True), rsv=0x40), [text(long_text)])
compressed("no_takeover_by_the_server", frame(1, HELLO, rsv=0x40) * 2, [text("Hello")] * 2, answer="; server_no_context_takeover", section="7692 §7.1.1.1")
compressed("takeover_used_in_spite_of_the_answer", frame(1, HELLO, rsv=0x40) + frame(1, bytes.fromhex("f200110000"), rsv=0x40), [text("Hello")], 1007, "compressed data is malformed", answer="; server_no_context_takeover", section="7692 §7.1.1.1")
compressed("small_server_window", frame(1, deflated(long_text, bits=-9), rsv=0x40), [text(long_text)], answer="; server_max_window_bits=9", section="7692 §7.1.2.1")
compressed("window_larger_than_answered", frame(2, deflated(noise[:20000] + noise[:20000]), rsv=0x40), [], 1007, "compressed data is malformed", answer="; server_max_window_bits=9", section="7692 §7.1.2.1")
compressed("client_window_of_8_means_no_compression", frame(1, b"a" * 500), [text(b"a" * 500)], answer="; client_max_window_bits=8", section="7692 §7.1.2.2", args=("--compress", "--echo"),
           check=lambda peer: expect_uncompressed(peer))
compressed("quoted_window", frame(1, HELLO, rsv=0x40), [text("Hello")], answer='; client_max_window_bits="10"', section="7692 §5.2")


def expect_uncompressed(peer):
    assert [frame[2] for frame in peer.frames if frame[0] == 1] == [0], "a compressed frame"


def expect_compressed(peer):
    sent = [frame for frame in peer.frames if frame[0] == 1]
    assert sent[0][2] == 0x40 and zlib.decompressobj(-15).decompress(sent[0][1] + b"\0\0\xff\xff") == b"a" * 500, sent


compressed("our_messages_are_compressed", frame(1, b"a" * 500), [text(b"a" * 500)], args=("--compress", "--echo"), check=expect_compressed)
for label, payload in [("reserved_block_type", "07"), ("garbage", "ffffff"), ("distance_too_far", "f200110000"), ("bad_stored_length", "000500ffff48"),
                       ("cut_in_a_block", "f248cd"), ("no_payload", ""), ("stored_block_cut", "00050000")]:
    compressed(f"malformed_{label}", frame(1, bytes.fromhex(payload), rsv=0x40), [], 1007, "compressed data is malformed")
compressed("compressed_text_not_utf8", frame(1, deflated(b"fine \xff"), rsv=0x40), [], 1007, "not valid UTF-8")
compressed("compressed_text_cut_in_a_code_point", frame(1, deflated(b"fine \xc3"), rsv=0x40), [], 1007, "not valid UTF-8")
compressed("rsv1_on_a_compressed_continuation", frame(1, HELLO[:3], rsv=0x40, fin=False) + frame(0, HELLO[3:], rsv=0x40), [], 1002, RESERVED, section="7692 §6.1")
compressed("rsv1_on_a_ping", frame(9, b"", rsv=0x40), [], 1002, RESERVED, section="7692 §6.1")
compressed("rsv2_with_deflate", frame(1, HELLO, rsv=0x60), [], 1002, RESERVED)
compressed("bomb_of_a_gigabyte", frame(2, deflated(bytes(100_000_000)), rsv=0x40), [], 1009, "message is larger", section="7692 §8")
compressed("inflated_message_at_the_limit", frame(2, deflated(bytes(1000)), rsv=0x40), [binary(bytes(1000))], args=("--compress", *LIMIT), section="7692 §8")
compressed("inflated_message_over_the_limit", frame(2, deflated(bytes(1001)), rsv=0x40), [], 1009, "message is larger", args=("--compress", *LIMIT), section="7692 §8")
for label, value in [("unknown_parameter", "; foo"), ("parameter_twice", "; server_no_context_takeover; server_no_context_takeover"), ("value_on_a_flag", "; server_no_context_takeover=1"),
                     ("window_7", "; server_max_window_bits=7"), ("window_16", "; server_max_window_bits=16"), ("window_with_a_zero", "; server_max_window_bits=09"), ("window_missing", "; client_max_window_bits"),
                     ("window_empty", "; server_max_window_bits="), ("window_letters", "; client_max_window_bits=ten"), ("parameter_empty", ";;")]:
    refuses(f"refuses_deflate_{label}", "7692 §7.1", answer(extra=f"{DEFLATE}{value}\r\n"), "parameters of permessage-deflate", ("--compress",))
refuses("refuses_deflate_twice", "7692 §5.1", answer(extra=f"{DEFLATE}, permessage-deflate\r\n"), "extension that was not offered", ("--compress",))
refuses("refuses_another_extension_beside_deflate", "7692 §5.1", answer(extra=f"{DEFLATE}, foo\r\n"), "extension that was not offered", ("--compress",))
refuses("refuses_takeover_when_none_was_asked", "7692 §7.1.1.1", answer(extra=f"{DEFLATE}\r\n"), "parameters of permessage-deflate", ("--compress", "--no-takeover"))
refuses("refuses_a_larger_server_window", "7692 §7.1.2.1", answer(extra=f"{DEFLATE}; server_max_window_bits=12\r\n"), "parameters of permessage-deflate", ("--compress", "--bits", "10"))
refuses("refuses_no_word_on_the_server_window", "7692 §7.1.2.1", answer(extra=f"{DEFLATE}\r\n"), "parameters of permessage-deflate", ("--compress", "--bits", "10"))
refuses("refuses_a_larger_client_window", "7692 §7.1.2.2", answer(extra=f"{DEFLATE}; server_max_window_bits=10; client_max_window_bits=11\r\n"), "parameters of permessage-deflate", ("--compress", "--bits", "10"))
add("deflate_declined", "7692 §5", after_open(frame(1, b"plain") + close(1000)), [OPEN, text("plain")], 1000, args=("--compress",))
violates("rsv1_after_deflate_was_declined", "7692 §5", frame(1, HELLO, rsv=0x40), RESERVED, args=("--compress",))


# --- TCP ---------------------------------------------------------------------------------------------------------

def opens_then(action):
    def serve(peer):
        peer.read_request()
        peer.open()
        action(peer)
    return serve


def half_close(data):
    def action(peer):
        peer.send(data)
        peer.connection.shutdown(1)
        peer.read_frames()
    return opens_then(action)


LOST = "ended without a close frame"
add("end_of_file_after_the_handshake", "6455 §7.1.5", opens_then(lambda peer: peer.connection.close()), [OPEN], 0, LOST)
add("end_of_file_in_a_frame_header", "6455 §7.1.5", half_close(b"\x81"), [OPEN], 0, LOST)
add("end_of_file_in_a_payload", "6455 §7.1.5", half_close(frame(1, b"half", length=100)), [OPEN], 0, LOST)
add("end_of_file_inside_a_message", "6455 §7.1.5", half_close(frame(1, b"half", fin=False)), [OPEN], 0, LOST)
add("half_close_after_a_message", "6455 §7.1.5", half_close(frame(1, b"whole")), [OPEN, text("whole")], 0, LOST)
add("half_close_after_a_close_frame", "6455 §7.1.1", half_close(close(1000)), [OPEN], 1000)


def reset_after_reading(peer):
    time.sleep(0.05)
    peer.reset()


add("reset", "6455 §7.1.5", opens_then(reset_after_reading), [OPEN], 0, "Connection reset by peer")
for size in (1, 2, 3, 7, 100):
    add(f"drip_of_{size}", "6455 §5", after_open(frame(1, b"a" * 200, fin=False) + frame(9, b"p") + frame(0, "größe".encode()) + frame(2, bytes(300)) + close(1000), drip=size),
        [OPEN, text(b"a" * 200 + "größe".encode()), binary(bytes(300))], 1000, check=lambda peer: expect_pongs(peer, b"p"))


def silence(peer):
    peer.read_frames(until_close=True, timeout=1.5)


def pong_only(peer):
    for _ in range(25):
        peer.read_frames(timeout=0.02)
        for opcode, payload, *_ in peer.frames:
            if opcode == 9:
                peer.send(frame(10, payload))
        peer.frames.clear()
    peer.send(close(1000))
    peer.finish()


def slow_data_is_life(peer):
    data = frame(2, bytes(30))
    for i in range(0, len(data)):
        peer.send(data[i:i + 1])
        time.sleep(0.02)
    peer.send(close(1000))
    peer.finish()


add("silence_ends_the_connection", "6455 §5.5.2", opens_then(silence), [OPEN], 0, "the peer went silent", args=("--ping", "150"))
add("pongs_keep_the_connection_alive", "6455 §5.5.2", opens_then(pong_only), [OPEN], 1000, args=("--ping", "100"))
add("slow_data_keeps_the_connection_alive", "6455 §5.5.2", opens_then(slow_data_is_life), [OPEN, binary(bytes(30))], 1000, args=("--ping", "150"))
add("a_flood_behind_a_violation_does_not_hang", "6455 §7.1.7", after_open(frame(3) + bytes(2_000_000)), [OPEN], 1002, "opcode is reserved")
