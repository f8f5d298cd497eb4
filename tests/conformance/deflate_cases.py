"""RFC 7692: permessage-deflate."""
import zlib

from case import LIMIT, LONG_TEXT, OPEN, RESERVED, add, after_open, answer, binary, expect_pongs, refuses, text, violates
from hostile_server import close, frame

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
    compressed(f"compressed_long_text_level_{level}", frame(1, deflated(LONG_TEXT, level), rsv=0x40), [text(LONG_TEXT)])
noise = bytes((i * i * 2654435761 >> 13) & 0xFF for i in range(100000))
compressed("compressed_noise", frame(2, deflated(noise), rsv=0x40), [binary(noise)])
compressed("compressed_final_block_long", frame(1, deflated(LONG_TEXT, final=True), rsv=0x40), [text(LONG_TEXT)])
compressed("no_takeover_by_the_server", frame(1, HELLO, rsv=0x40) * 2, [text("Hello")] * 2, answer="; server_no_context_takeover", section="7692 §7.1.1.1")
compressed("takeover_used_in_spite_of_the_answer", frame(1, HELLO, rsv=0x40) + frame(1, bytes.fromhex("f200110000"), rsv=0x40), [text("Hello")], 1007, "compressed data is malformed", answer="; server_no_context_takeover", section="7692 §7.1.1.1")
compressed("small_server_window", frame(1, deflated(LONG_TEXT, bits=-9), rsv=0x40), [text(LONG_TEXT)], answer="; server_max_window_bits=9", section="7692 §7.1.2.1")
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
for label, value, named in [
        ("unknown_parameter", "; foo", "a parameter that it does not have"), ("parameter_empty", ";;", "a parameter that it does not have"),
        ("parameter_twice", "; server_no_context_takeover; server_no_context_takeover", "server_no_context_takeover"),
        ("value_on_a_flag", "; server_no_context_takeover=1", "server_no_context_takeover"), ("value_on_our_flag", "; client_no_context_takeover=1", "client_no_context_takeover"),
        ("window_7", "; server_max_window_bits=7", "server_max_window_bits"), ("window_16", "; server_max_window_bits=16", "server_max_window_bits"),
        ("window_with_a_zero", "; server_max_window_bits=09", "server_max_window_bits"), ("window_empty", "; server_max_window_bits=", "server_max_window_bits"),
        ("window_missing", "; client_max_window_bits", "client_max_window_bits"), ("window_letters", "; client_max_window_bits=ten", "client_max_window_bits")]:
    refuses(f"refuses_deflate_{label}", "7692 §7.1", answer(extra=f"{DEFLATE}{value}\r\n"), named, ("--compress",))
refuses("refuses_deflate_twice", "7692 §5.1", answer(extra=f"{DEFLATE}, permessage-deflate\r\n"), "extension that was not offered", ("--compress",))
refuses("refuses_another_extension_beside_deflate", "7692 §5.1", answer(extra=f"{DEFLATE}, foo\r\n"), "extension that was not offered", ("--compress",))
compressed("takeover_though_none_was_asked", frame(1, HELLO, rsv=0x40) + frame(1, bytes.fromhex("f200110000"), rsv=0x40), [text("Hello"), text("Hello")],
           args=("--compress", "--no-takeover"), section="7692 §7.1.1.1")
refuses("refuses_a_larger_server_window", "7692 §7.1.2.1", answer(extra=f"{DEFLATE}; server_max_window_bits=12\r\n"), "server_max_window_bits", ("--compress", "--bits", "10"))
refuses("refuses_no_word_on_the_server_window", "7692 §7.1.2.1", answer(extra=f"{DEFLATE}\r\n"), "server_max_window_bits", ("--compress", "--bits", "10"))
refuses("refuses_a_larger_client_window", "7692 §7.1.2.2", answer(extra=f"{DEFLATE}; server_max_window_bits=10; client_max_window_bits=11\r\n"), "client_max_window_bits", ("--compress", "--bits", "10"))
add("deflate_declined", "7692 §5", after_open(frame(1, b"plain") + close(1000)), [OPEN, text("plain")], 1000, args=("--compress",))
violates("rsv1_after_deflate_was_declined", "7692 §5", frame(1, HELLO, rsv=0x40), RESERVED, args=("--compress",))
