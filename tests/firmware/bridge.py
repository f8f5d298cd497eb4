#!/usr/bin/env python3
"""Joins QEMU's end of a connection of the guest, which is its standard input, to a TCP port: bridge.py PORT. QEMU starts one for
each connection, so that the board reaches this port and nothing else."""
import socket
import sys
import threading


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:  # one side is gone: so goes the other
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


guest = socket.socket(fileno=0)
server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for end in (guest, server):
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
back = threading.Thread(target=copy, args=(server, guest))
back.start()
copy(guest, server)
back.join()
