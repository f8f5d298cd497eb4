#!/usr/bin/env python3
"""The tool: what cpws says and its exit code when servers, streams and people are not nice; in a terminal, too.
cpws.py BUILD_FOLDER [--windows]   the latter if that is a program of Windows, run by Wine"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from support import CPWS, HERE, TlsServer, check, close, failures, frame, run, scripted, server

WINDOWS = "--windows" in sys.argv
STOP = signal.SIGINT if WINDOWS else signal.SIGTERM  # Windows has no other


def ends(peer):
    """Answers the client's close frame."""
    peer.read_frames()
    peer.send(close(1000))
    peer.connection.close()


def cpws_reports(certs):
    """What cpws says, and its exit code, when a server is not nice."""
    def loses(peer):
        peer.read_request()
        peer.open()

    def violates(peer):
        loses(peer)
        peer.send(frame(9, b"hi") + frame(2, b"\x00\x1b") + frame(1, b"x", rsv=0x20))
        peer.read_frames()

    def refuses(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 503 Busy\r\nContent-Length: 11\r\n\r\ncome \x1b[31m!")

    def closes(peer):
        loses(peer)
        peer.wait_for(1)  # the line behind the one that cannot be sent
        peer.send(close(1000))
        peer.read_frames()

    def redirects(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 301 Moved\r\nLOCATION: wss://elsewhere.example/\r\nContent-Length: 5\r\n\r\nmoved")

    def answers_late(peer):
        loses(peer)
        peer.wait_for(1)
        time.sleep(1)
        peer.send(frame(1, b"late"))
        ends(peer)

    def answers_later(peer):
        loses(peer)
        peer.wait_for(1)
        time.sleep(2.5)  # longer than --wait is by default
        peer.send(frame(1, b"late"))
        peer.send(close(1000))
        peer.read_frames()

    lines = ["< ping 2 bytes: hi", "> pong 2 bytes: hi", "< binary 2 bytes: \\x00\\x1b", "< invalid frame: a reserved bit", "> close 2 bytes: 1002"]
    for name, script, arguments, given, status, expected in [
            ("the end of the stream", loses, [], "", 3, ["cpws: frame: the connection ended without a close frame"]),
            ("a violation", violates, ["-v"], "", 3, [*lines, "cpws: frame: a reserved bit is set that no extension uses"]),
            ("a refusal", refuses, ["-v"], "", 2, ["handshake refused: HTTP 503", "come \\x1b[31m!"]),
            ("a line that is not UTF-8", closes, [], "\udcff\nnext\n", 5, ["cpws: not sent: the text to send is not UTF-8 (use --binary)"]),
            ("a redirection", redirects, ["-v"], "", 2, ["handshake refused: HTTP 301", "(it moved to wss://elsewhere.example/)", "\nmoved"]),
            ("a reply after a second", answers_late, [], "question\n", 0, []),
            ("a reply that it waits for without a limit", answers_later, ["--wait", "none"], "question\n", 0, []),
            ("a line that is too long", lambda peer: (loses(peer), ends(peer)), [], "x" * (65 << 20), 5, ["not sent: a line is longer than 67108864 bytes"]),
            ("a close with another code", lambda peer: (loses(peer), peer.send(close(4001, b"go")), peer.read_frames()), [], "", 4, ["closed: 4001 go"])]:
        done = run(CPWS, f"ws://127.0.0.1:{scripted(script)}/", *arguments, input=given, errors="surrogateescape")
        right = done.returncode == status and all(line in done.stderr for line in expected) and "invalid frame: the opcode" not in done.stderr
        check(f"cpws reports {name}", right and (not name.startswith("a reply") or done.stdout == "late\n"), str(done)[-2000:])
    done = run(CPWS, f"wss://127.0.0.1:{scripted(lambda peer: None)}/", input="")
    check("cpws reports the end of TLS", done.returncode == 2 and "TLS: " in done.stderr, done)
    done = run(CPWS, "serve", "--tls-port", 0, "--cert", certs / "none.pem", "--key", certs / "none.key")
    check("cpws serve reports a missing certificate", done.returncode == 1 and "cannot be used" in done.stderr, done)


def in_a_terminal(url):
    session = f"cpws-{os.getpid()}"
    tmux = ["tmux", "-L", session]
    run(*tmux, "new-session", "-d", "-x", "120", "-y", "30", f"{CPWS} -v {url}; echo status $?; sleep 30")
    screen = ""

    def wait_for(text):
        nonlocal screen
        for _ in range(1000):
            screen = run(*tmux, "capture-pane", "-p").stdout
            if text in screen:
                return True
            time.sleep(0.05)
        return False

    ok = wait_for("type a line")
    run(*tmux, "send-keys", "hello there", "Enter")
    ok = ok and wait_for("< hello there") and "> text 11 bytes: hello there" in screen
    if WINDOWS:
        run(*tmux, "send-keys", "C-z", "Enter")
    else:
        # ESC [ 3 1 m: what comes from a server must not drive the terminal.
        run(*tmux, "send-keys", "-H", *"1b 5b 33 31 6d 0d".split())
        ok = ok and wait_for("< \\x1b[31m")
        # A terminal cuts lines that are longer than 4,095 bytes, and says nothing.
        for _ in range(6):
            run(*tmux, "send-keys", "-l", "x" * 1000)
        run(*tmux, "send-keys", "Enter")
        ok = ok and wait_for("not sent: a line is longer than 4094 bytes")
        run(*tmux, "send-keys", "C-d")
    ok = ok and wait_for("status 0" if WINDOWS else "status 5") and "closed: 1000" in screen
    run(*tmux, "kill-server")
    check("cpws in a terminal", ok, screen)
    tmux[2] += "-piped"
    run(*tmux, "new-session", "-d", "-x", "120", "-y", "30", f"printf '\\033[31mred\\n' | {CPWS} {url}; echo status $?; sleep 30")
    ok = wait_for("status 0") and "\\x1b[31mred" in screen
    run(*tmux, "kill-server")
    check("cpws shows no escape sequence of a server's, piped to a terminal", ok, screen)



def usage():
    for arguments, status, text in [(["--help"], 0, "Exit codes"), (["--version"], 0, "cpws 0."), (["--timeout", "0"], 1, "--timeout"), (["--ping-interval", "0"], 1, "or 'none'"), (["--wait", "soon"], 1, "--wait"),
                                    (["--wait", "0", "--timeout", "none", "--ping-interval", "none", "http://x"], 2, "ws:// or wss://"),
                                    ([], 1, "url"), (["--nonsense"], 1, "nonsense"), (["http://x"], 2, "ws:// or wss://"),
                                    (["ws://127.0.0.1:1/"], 2, "Connection refused"), (["ws://x/", "-H", "nocolon"], 1, "Name: value"),
                                    (["serve", "--host", "256.1.1.1"], 1, "cannot listen"), (["serve", "--tls-port", "0"], 1, "--cert")]:
        done = run(CPWS, *arguments, input="")
        check(f"cpws {' '.join(arguments)}", done.returncode == status and text in done.stdout + done.stderr, done)


def wait_for_line(stream, wanted):
    """Reads lines until one begins with `wanted`."""
    for line in stream:
        if line.startswith(wanted):
            return


def streams():
    """Where stdin or stdout is closed or full, that is said, and the connection's socket does not take its place."""
    def greets(peer):
        peer.read_request()
        peer.open()
        peer.send(frame(1, b"hello"))
        ends(peer)

    for redirection, status, text in (("<&-", 5, "cannot read lines: "), (">&-", 6, "cannot write messages: Bad file descriptor"),
                                      ("> /dev/full", 6, "cannot write messages: No space left on device"), ("2>&-", 0, "")):
        done = run("sh", "-c", f"exec {CPWS} ws://127.0.0.1:{scripted(greets)}/ {redirection}", input="")
        check(f"cpws {redirection}", done.returncode == status and text in done.stderr, done)


def signals():
    """Ctrl-C once ends politely, also while a send is blocked; twice at once."""
    done = threading.Event()

    def idles(peer):
        peer.read_request()
        peer.open()
        ends(peer)

    def reads_nothing(peer):
        peer.read_request()
        peer.open()
        done.wait(60)

    for name, script, given, times, status in (("is idle", idles, b"", 1, 0), ("sends", reads_nothing, b"x" * (60 << 20) + b"\n", 1, 3),
                                               ("closes", reads_nothing, b"", 2, 130)):
        done.clear()
        process = subprocess.Popen([CPWS, f"ws://127.0.0.1:{scripted(script)}/", "-v"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_for_line(process.stderr, b"< \n")  # the end of the server's header
        if given:
            process.stdin.write(given)
            process.stdin.flush()
            wait_for_line(process.stderr, b"> text")
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            if times == 2:
                wait_for_line(process.stderr, b"> close")
        check(f"cpws is interrupted while it {name}", process.wait(60) == status, process.returncode)
        done.set()
        process.stdin.close()


def serve(certs):
    with server(CPWS, "serve", "--tls-port", 0, "--cert", certs / "server.pem", "--key", certs / "server.key") as ports:
        in_a_terminal(f"ws://127.0.0.1:{ports['ws']}/")
        process = subprocess.Popen([CPWS, f"ws://127.0.0.1:{ports['ws']}/", "-v"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for_line(process.stderr, b"< \n")
        ports["process"].send_signal(STOP)
        said = process.stderr.read()
        check("cpws serve says goodbye", process.wait(60) == 0 and b"closed: 1001" in said, said)
        process.stdin.close()


def masked(opcode, payload, **kwargs):
    return frame(opcode, payload, mask=bytes(4), **kwargs)


def opened(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(60)
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    check("cpws serve opens", head.startswith(b"HTTP/1.1 101 "), head)
    return client


def read_all(client):
    data = b""
    while piece := client.recv(1 << 16):
        data += piece
    return data


def many_at_once(certs):
    """Clients that send without reading, break the protocol, or leave half-way, beside one that is served."""
    with server(CPWS, "serve", "--tls-port", 0, "--cert", certs / "server.pem", "--key", certs / "server.key") as ports:
        port = ports["ws"]
        flooding = opened(port)
        flooding.setblocking(False)
        with contextlib.suppress(BlockingIOError):  # until no buffer on the way takes more
            while True:
                flooding.send(masked(2, bytes(1000)) * 64)
        messages = [b"x" * size for size in (0, 1, 125, 126, 40_000)] * 40
        client = opened(port)
        sender = threading.Thread(target=lambda: client.sendall(b"".join(masked(1, payload) for payload in messages)
                                                                + masked(1, b"in ", fin=False) + masked(9, b"!") + masked(0, b"two") + masked(8, b"\x03\xe8")))
        sender.start()
        data, text, pongs, ends = read_all(client), b"", [], []
        sender.join()
        while data:  # unmasked frames
            size, start = data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4], "big"), 4
            opcode, payload, data = data[0] & 15, data[start:start + size], data[start + size:]
            if opcode < 8:
                text += payload
            else:
                (pongs if opcode == 10 else ends).append(payload)
        wanted = b"".join(messages) + b"in two"
        check("cpws serve echoes all beside a client that does not read", (text == wanted, pongs, ends) == (True, [b"!"], [b"\x03\xe8"]), (len(text), len(wanted), pongs, ends))
        for name, sent in (("a reserved bit", masked(1, b"", rsv=0x40)), ("an unmasked frame", frame(1, b"x"))):
            client = opened(port)
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            said = read_all(client)
            check(f"cpws serve ends {name}", said[:1] == b"\x88" and said[2:4] == (1002).to_bytes(2, "big"), said)
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"HELO\r\n\r\n")
        said = read_all(client)
        check("cpws serve refuses what is no request", said.startswith(b"HTTP/1.1 400 "), said)
        half_way = socket.create_connection(("127.0.0.1", ports["wss"]))
        half_way.sendall(b"\x16\x03\x01")
        ports["process"].send_signal(STOP)
        check("cpws serve stops beside clients that do not", ports["process"].wait(60) == 0, ports["process"].returncode)
        flooding.close()
        half_way.close()


def hints(certs):
    def speaks_tls(peer):
        peer.read_request()
        peer.send(bytes((21, 3, 1, 0, 2, 2, 70)))  # an alert, as TLS servers answer what is no TLS
        peer.wait_for_end()

    def answers(response):
        def script(peer):
            peer.read_request()
            peer.send(response)
            peer.wait_for_end()
        return f"ws://127.0.0.1:{scripted(script)}/"

    def chooses(field):
        def script(peer):
            peer.read_request()
            peer.send(peer.response().replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n\r\n"))
            peer.wait_for_end()
        return f"ws://127.0.0.1:{scripted(script)}/"

    for name, url, hint in (("--header", answers(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"), "--header 'Authorization: ...' sends credentials"),
                            ("--subprotocol", chooses(b"Sec-WebSocket-Protocol: v2"), "--subprotocol offers it"),
                            ("--compress", chooses(b"Sec-WebSocket-Extensions: permessage-deflate"), "--compress offers permessage-deflate"),
                            ("wss://", f"ws://127.0.0.1:{scripted(speaks_tls)}/", "is it a wss:// port?"),
                            ("--cacert", f"wss://localhost:{TlsServer(certs, 'other').port}/", "--cacert names a file of CAs to trust")):
        done = run(CPWS, url, input="")
        check(f"cpws hints at {name}", hint in done.stderr, done)

    def large(peer):
        peer.read_request()
        peer.send(peer.response() + frame(2, bytes(2000)))
        peer.finish()

    def silent(peer):
        peer.read_request()
        peer.wait_for_end()

    done = run(CPWS, f"ws://127.0.0.1:{scripted(large)}/", "--max-message", 1000, input="")
    check("cpws hints at --max-message", done.returncode == 3 and "--max-message takes larger ones" in done.stderr, done)
    done = run(CPWS, f"ws://127.0.0.1:{scripted(silent)}/", "--timeout", 0.2, input="")
    check("cpws hints at --timeout", done.returncode == 2 and "--timeout waits longer" in done.stderr, done)


def main():
    with tempfile.TemporaryDirectory() as folder:
        certs = pathlib.Path(folder) / "certs"
        subprocess.run([HERE.parent / "make_certs.sh", certs], check=True)
        usage()
        cpws_reports(certs)
        if not WINDOWS:  # Wine's own descriptors take the place of closed ones
            streams()
        signals()
        hints(certs)
        serve(certs)
        many_at_once(certs)
    print(f"{len(failures)} failed" if failures else "all passed")
    sys.exit(1 if failures else 0)


main()
