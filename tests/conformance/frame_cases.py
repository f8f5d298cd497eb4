"""RFC 6455 §5, §7, §8.1: frames, fragments, control frames, closing, text, and limits."""
from case import LIMIT, LONG_TEXT, OPEN, RESERVED, SHORT, add, after_open, binary, delivers, expect_pongs, text, violates
from hostile_server import close, frame

# --- 5.2: frame headers ------------------------------------------------------------------------------------------

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
    peer.wait_for_end()


add("our_close_meets_silence", "6455 §7.1.1", our_close_meets_silence, [OPEN], 1000, "did not finish the closing handshake in time", args=("--close-after", "0", *SHORT))


def no_end_of_file(peer):
    peer.read_request()
    peer.send(peer.response() + close(1000))
    peer.wait_for_end()


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
delivers("long_mixed_text", "6455 §8.1", frame(1, LONG_TEXT), text(LONG_TEXT))

# --- Limits ------------------------------------------------------------------------------------------------------

delivers("message_at_the_limit", "6455 §10.4", frame(2, b"x" * 1000), binary(b"x" * 1000), args=LIMIT)
violates("message_over_the_limit", "6455 §10.4", frame(2, b"", length=1001), "message is larger", 1009, args=LIMIT)
violates("fragments_over_the_limit", "6455 §10.4", frame(2, b"x" * 600, fin=False) + frame(0, b"", length=401), "message is larger", 1009, args=LIMIT)
violates("frame_over_the_limit", "6455 §10.4", frame(2, b"", length=501, fin=False), "frame is larger", 1009, args=("--max-frame", "500"))
for exponent in (31, 32, 40, 62):
    violates(f"announced_2_{exponent}", "6455 §10.4", frame(2, b"x", length=2**exponent), "message is larger", 1009)
violates("many_small_fragments_over_the_limit", "6455 §10.4", frame(2, b"x", fin=False) + frame(0, b"x", fin=False) * 1000, "message is larger", 1009, args=LIMIT)
add("message_larger_than_every_buffer_by_parts", "6455 §6.2", after_open(frame(2, bytes(3_000_000)) + close(1000)), [OPEN, "streamed 3000000"], 1000, args=("--parts",))
