"""What TCP does beneath: slow, half closed, reset, silent."""
import time

from case import OPEN, add, after_open, binary, expect_pongs, text
from hostile_server import close, frame


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
    peer.send(frame(9))
    peer.wait_for(10)  # the client has read all before
    peer.reset()


add("reset", "6455 §7.1.5", opens_then(reset_after_reading), [OPEN], 0, "Connection reset by peer")
for size in (1, 2, 3, 7, 100):
    add(f"drip_of_{size}", "6455 §5", after_open(frame(1, b"a" * 200, fin=False) + frame(9, b"p") + frame(0, "größe".encode()) + frame(2, bytes(300)) + close(1000), drip=size),
        [OPEN, text(b"a" * 200 + "größe".encode()), binary(bytes(300))], 1000, check=lambda peer: expect_pongs(peer, b"p"))


def silence(peer):
    peer.wait_for_end()


def pong_only(peer):
    for _ in range(2):
        peer.wait_for(9)
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
        time.sleep(0.15)
    peer.send(close(1000))
    peer.finish()


add("silence_ends_the_connection", "6455 §5.5.2", opens_then(silence), [OPEN], 0, "the peer went silent", args=("--ping", "150"))
add("pongs_keep_the_connection_alive", "6455 §5.5.2", opens_then(pong_only), [OPEN], 1000, args=("--ping", "2000"))
add("slow_data_keeps_the_connection_alive", "6455 §5.5.2", opens_then(slow_data_is_life), [OPEN, binary(bytes(30))], 1000, args=("--ping", "2000"))
add("a_flood_behind_a_violation_does_not_hang", "6455 §7.1.7", after_open(frame(3) + bytes(2_000_000)), [OPEN], 1002, "opcode is reserved")
