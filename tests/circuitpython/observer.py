"""Connects to a URL and prints what a user of the Python client sees, a line per event, as conformance/observer.cpp does.
Runs on MicroPython and CPython: observer.py URL [OPTION...], the options of observer.cpp that Python has."""
import os
import sys

import cpwebsockets.client
from cpwebsockets.protocol import OP_CLOSE, ConnectionClosed, ProtocolError


def hash_of(data):
    value = 14695981039346656037  # FNV-1a
    for byte in data:
        value = (value ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return value


def hexed(data):
    return "".join("%02x" % byte for byte in data)


def print_message(message):
    kind, data = ("text", message.encode()) if isinstance(message, str) else ("binary", message)
    print("%s %d %s %016x" % (kind, len(data), hexed(data[:64]), hash_of(data)))


def receive_all(ws, close_after, echo):
    messages = 0
    if close_after == 0:
        ws.write_frame(OP_CLOSE, b"\x03\xe8enough")
    while True:
        message = ws.recv()
        print_message(message)
        if echo:
            ws.send(message)
        messages += 1
        if messages == close_after:
            ws.write_frame(OP_CLOSE, b"\x03\xe8enough")


def receive_parts(ws):
    buffer, size = bytearray(500), 0
    while True:
        size += ws.recv_into(buffer)
        if not ws.more:
            print("streamed %d" % size)
            size = 0


def main(url, *args):
    args = list(args)
    options = {"timeout": 6, "max_size": 16 << 20, "buffer_size": int(os.getenv("BUFFER_SIZE") or 2048)}
    subprotocols, headers, close_after, echo, parts = [], [], -1, False, False
    while args:
        name = args.pop(0)
        if name == "--subprotocol":
            subprotocols.append(args.pop(0))
        elif name == "--max-message":
            options["max_size"] = int(args.pop(0))
        elif name == "--timeout":
            options["timeout"] = int(args.pop(0)) / 1000
        elif name == "--ping":
            options["keepalive"] = int(args.pop(0)) / 1000
        elif name == "--close-after":
            close_after = int(args.pop(0))
        elif name == "--header":
            headers.append(tuple(args.pop(0).split(": ", 1)))
        elif name == "--echo":
            echo = True
        elif name == "--parts":
            parts = True
        else:
            raise ValueError(name)
    by, sent, received, reason, failure = "network", 0, 0, "", ""
    refusal = ""
    try:
        ws = cpwebsockets.client.connect(url, subprotocols=subprotocols, headers=headers, **options)
        ws.settimeout(None if "keepalive" in options else options["timeout"])
        print("open subprotocol=%s extensions=" % (ws.subprotocol or ""))
        receive_parts(ws) if parts else receive_all(ws, close_after, echo)
    except ProtocolError as error:
        by, sent, failure = error.by, error.code, error.reason
    except ConnectionClosed as closed:
        by = closed.by
        if closed.by == "network" or closed.code == 1006:
            failure = closed.reason
        else:
            sent = received = closed.code
            reason = closed.reason
    except cpwebsockets.client.HandshakeError as error:
        failure = error.args[0]
        if error.status:
            refusal = "refusal %d %d %s" % (error.status, len(error.headers), str(error.body, "utf-8"))
    except OSError as error:
        failure = str(error) or "OSError"
    print("end by=%s sent=%d received=%d clean=%d reason=%s" % (by, sent, received, sent != 0 and not failure, reason))
    if failure:
        print("failure %s" % failure)
    if refusal:
        print(refusal)


main(*sys.argv[1:])
