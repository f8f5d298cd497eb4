"""RFC 6455 §4: the opening handshake."""
from case import OPEN, SHORT, add, after_open, answer, raw_answer, refused, refuses, text
from hostile_server import close, frame

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
    "a_cookie_larger_than_a_small_buffer": dict(upgrade="Set-Cookie: " + "c" * 1300 + "\r\nUpgrade: websocket\r\n"),
    "a_cookie_behind_the_rest": dict(extra="Set-Cookie: " + "c" * 2600 + "\r\n"),
    "many_fields": dict(extra="".join(f"X-Field-{i}: {'v' * 80}\r\n" for i in range(100))),
    "long_reason_phrase": dict(status="101 " + "Switching " * 300),
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
    ("control_character_in_a_long_line", dict(extra="A: " + "x" * 3000 + "\x01\r\n"), "header is malformed"),
    ("bare_lf_behind_a_long_line", dict(extra="A: " + "x" * 3000 + "\n"), "header is malformed"),
    ("bare_cr_in_a_long_line", dict(extra="A: " + "x" * 3000 + "\r" + "x" * 3000 + "\r\n"), "header is malformed"),
    ("extension_before_all_else", dict(status="101 X\r\nSec-WebSocket-Extensions: permessage-deflate"), "extension that was not offered"),
    ("extension_and_no_upgrade", dict(status="101 X\r\nSec-WebSocket-Extensions: permessage-deflate", upgrade=""), UPGRADE),
    ("subprotocol_before_a_missing_accept", dict(status="101 X\r\nSec-WebSocket-Protocol: chat", accept=""), "Sec-WebSocket-Accept is missing"),
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

# Only a 101 is judged strictly.
CHUNKED = b"Transfer-Encoding: chunked\r\n"
for label, data, refusal in [
    ("a_body_to_the_end_of_the_stream", b"HTTP/1.1 403 X\r\n\r\nto the end", "403 to the end"),
    ("a_body_that_is_cut", b"HTTP/1.1 403 X\r\nContent-Length: 100\r\n\r\npart", "403 part"),
    ("a_false_length", b"HTTP/1.1 403 X\r\nContent-Length: 99999999999999999999\r\n\r\nb", "403 b"),
    ("no_reason_phrase", b"HTTP/1.1 404\r\n\r\n", "404 "),
    ("a_long_reason_phrase", b"HTTP/1.1 404 " + b"Not " * 1000 + b"\r\nContent-Length: 4\r\n\r\nbody", "404 body"),
    ("http_1_0", b"HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\n\r\n<html>busy</html>", "503 <html>busy</html>"),
    ("an_unknown_minor_version", b"HTTP/1.7 404 X\r\nContent-Length: 4\r\n\r\nbody", "404 body"),
    ("status_600", b"HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n", "600 "),
    ("status_999", b"HTTP/1.1 999 Request Denied\r\nContent-Length: 4\r\n\r\nbody", "999 body"),
    ("bare_lf", b"HTTP/1.1 403 X\nA: b\nContent-Length: 4\n\nbody", "403 body"),
    ("bare_lf_and_chunks", b"HTTP/1.1 403 X\nTransfer-Encoding: chunked\n\n4\nbody\n0\n\n", "403 body"),
    ("a_folded_field", b"HTTP/1.1 403 X\r\nA: b\r\n c\r\n\td\r\nContent-Length: 4\r\n\r\nbody", "403 body"),
    ("fields_that_are_none", b"HTTP/1.1 403 X\r\nnothing\r\nName : x\r\n: y\r\nA: \x01\r\nContent-Length: 4\r\n\r\nbody", "403 body"),
    ("a_field_larger_than_a_small_buffer", b"HTTP/1.1 403 X\r\nSet-Cookie: " + b"c" * 3000 + b"\r\nContent-Length: 4\r\n\r\nbody", "403 body"),
    ("many_fields", b"HTTP/1.1 403 X\r\n" + b"Line: value\r\n" * 800 + b"Content-Length: 4\r\n\r\nbody", "403 body"),
    ("half_a_header", b"HTTP/1.1 403 X\r\nA: b\r\nCont", "403 "),
    ("an_endless_header", b"HTTP/1.1 403 X\r\n" + b"Line: value\r\n" * 8000, "403 "),
    ("chunks", b"HTTP/1.1 403 X\r\n" + CHUNKED + b"\r\n2\r\nbo\r\n00002;x=y\r\ndy\r\n0\r\n\r\n", "403 body"),
    ("chunks_and_trailers", b"HTTP/1.1 403 X\r\n" + CHUNKED + b"\r\n4\r\nbody\r\n0\r\nX: y\r\n\r\n", "403 body"),
    ("chunks_and_a_length", b"HTTP/1.1 403 X\r\nContent-Length: 1\r\n" + CHUNKED + b"Content-Length: 2\r\n\r\n4\r\nbody\r\n0\r\n\r\n", "403 body"),
    ("chunks_that_are_cut", b"HTTP/1.1 403 X\r\n" + CHUNKED + b"\r\n2\r\nbo\r\n64\r\ndy", "403 body"),
    ("nonsense_for_chunks", b"HTTP/1.1 403 X\r\n" + CHUNKED + b"\r\n4\r\nbody\r\nnonsense", "403 body"),
    ("interim_responses_before_it", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 103 X\nA: b\n\nHTTP/1.1 403 X\r\nContent-Length: 4\r\n\r\nbody", "403 body"),
    ("bytes_behind_its_body", b"HTTP/1.1 403 X\r\nContent-Length: 4\r\n\r\nbody and more", "403 body"),
]:
    refused(f"refusal_with_{label}", "9112 §2.2, §5, §6.3, §7.1", data, refusal)
# None of these waits for the end of the stream, which does not come.
for label, data, refusal in [
    ("without_content_204", b"HTTP/1.1 204 X\r\nX: y\r\n\r\n", "204 "),
    ("without_content_304", b"HTTP/1.1 304 X\r\nContent-Length: 4\r\n\r\n", "304 "),
    ("without_content_304_in_chunks", b"HTTP/1.1 304 X\r\n" + CHUNKED + b"\r\n", "304 "),
    ("with_a_whole_body", b"HTTP/1.1 403 X\r\nContent-Length: 4\r\n\r\nbody", "403 body"),
    ("with_an_empty_body", b"HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "302 "),
    ("with_whole_chunks", b"HTTP/1.1 403 X\r\n" + CHUNKED + b"\r\n4\r\nbody\r\n0\r\n\r\n", "403 body"),
]:
    def stays(peer, data=data):
        peer.read_request()
        peer.send(data)
        peer.wait_for_end()
    refuses(f"refusal_{label}", "9112 §6.3", stays, f"handshake refused: HTTP {refusal[:3]} (expected 101)", (), refusal)


def large_body(head, piece):
    """A body without end: as much of its start as the client keeps is reported, and it does not wait for more."""
    def serve(peer):
        peer.read_request()
        peer.send(head)
        while not peer.eof:
            peer.send(piece)
            peer.read_frames(until_close=False, timeout=0.001)
    return serve


refuses("refusal_with_a_body_that_never_ends", "9112 §6.3", large_body(b"HTTP/1.1 403 X\r\n\r\n", b"b" * 5000), "HTTP 403")
refuses("refusal_with_chunks_that_never_end", "9112 §7.1", large_body(b"HTTP/1.1 403 X\r\n" + CHUNKED + b"\r\n", b"400\r\n" + b"b" * 1024 + b"\r\n"), "HTTP 403")
refuses("refusal_with_a_chunk_that_never_ends", "9112 §7.1", large_body(b"HTTP/1.1 403 X\r\n" + CHUNKED + b"\r\nfffffffff\r\n", b"b" * 5000), "HTTP 403")
refused("refusal_whose_body_does_not_come", "9112 §6.3", b"HTTP/1.1 403 X\r\n\r\npart", "403 part", False, SHORT)
refused("refusal_whose_header_does_not_end", "9112 §6.3", b"HTTP/1.1 403 X\r\nA: b\r\n", "403 ", False, SHORT)


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
    ("status_099", b"HTTP/1.1 099 X\r\n\r\n", "header is malformed"),
    ("lf_only", b"HTTP/1.1 101 X\nUpgrade: websocket\n\n\r\n\r\n", "header is malformed"),
]:
    refuses(f"refuses_{label}_as_answer", "6455 §4.1", raw_answer(data), failure)


def silent(peer):
    peer.read_request()
    peer.wait_for_end()


def dripping_forever(peer):
    peer.read_request()
    peer.send(b"HTTP/1.1 101 X\r\n")
    while not peer.eof:  # the client gives up before a limit of the header is reached
        peer.send(b"A: b\r\n")
        peer.read_frames(until_close=False, timeout=0.02)


def interim_forever(peer):
    peer.read_request()
    while not peer.eof:
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        peer.read_frames(until_close=False, timeout=0.02)


def interim_flood(peer):
    peer.read_request()
    while not peer.eof:
        peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 1000)
        peer.read_frames(until_close=False, timeout=0.001)


def early_hints(peer):
    peer.read_request()
    peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + peer.response() + close(1000))
    peer.finish()


refuses("gives_up_a_silent_server", "6455 §7.1.7", silent, "took too long", SHORT)
refuses("gives_up_a_header_that_never_ends", "6455 §7.1.7", dripping_forever, "took too long", SHORT)
refuses("gives_up_interim_responses_that_never_end", "9110 §15.2", interim_forever, "took too long", SHORT)
refuses("gives_up_a_flood_of_interim_responses", "9110 §15.2", interim_flood, "larger than the limit")
add("passes_over_interim_responses", "9110 §15.2", early_hints, [OPEN], 1000)


def checks_request(peer):
    assert peer.request_line == "GET / HTTP/1.1", peer.request_line
    assert peer.headers["upgrade"] == "websocket" and peer.headers["connection"] == "Upgrade"
    assert peer.headers["sec-websocket-version"] == "13" and peer.headers["host"].startswith("127.0.0.1:")
    assert len(peer.key) == 24 and peer.headers["x-test"] == "value"
    assert "origin" not in peer.headers and "sec-websocket-extensions" not in peer.headers


add("the_request_is_what_the_rfc_says", "6455 §4.1", after_open(close(1000)), [OPEN], 1000, args=("--header", "X-Test: value"), check=checks_request)
