"""What the interop tests share: running programs to their end, real and scripted servers, and what failed."""
import contextlib
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))
from hostile_server import Peer, close, frame  # noqa: E402  a folder that is no package

BUILD = pathlib.Path(sys.argv[1])
DEFLATE = "--deflate" in sys.argv
RECONNECT = str(BUILD / "tests" / "reconnect")
ECHO_ALL = str(BUILD / "tests" / "echo_all")
CPWS = str(BUILD / "apps" / "cpws" / "cpws")
failures = []


def check(name, ok, detail=""):
    print(("ok      " if ok else "FAILED  ") + name + ("" if ok else f": {detail}"), flush=True)
    if not ok:
        failures.append(name)


def run(*command, timeout=400, **kwargs):
    """Runs to the end, which a hang has as well."""
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout, **kwargs)


@contextlib.contextmanager
def server(*command, env=None):
    """Starts a server that prints a line with each of its two ports; gives them by scheme, and the process."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        ports = {}
        for line in lines:
            scheme, port = re.search(r"\b(wss?)\b.*?(\d+)/?\s*$", line).groups()
            ports[scheme] = int(port)
        ports["process"] = process
        yield ports
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            check(f"{command[0]} stops when asked to", False)


class TlsServer:
    """Accepts TLS with a certificate, and nothing else."""

    def __init__(self, certs, name, client_ca=None, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version:
            context.maximum_version = version
        context.load_cert_chain(certs / f"{name}.pem", certs / f"{name}.key")
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.context = context
        self.names = []  # that were asked for by SNI
        context.sni_callback = lambda tls, name, context: self.names.append(name)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with contextlib.suppress(OSError):
                connection.settimeout(60)
                secure = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                try:
                    secure.do_handshake()
                except ssl.SSLError:
                    # A socket that is closed with unread bytes is reset, and the alert may be lost.
                    socket.socket.shutdown(secure, socket.SHUT_WR)
                    while socket.socket.recv(secure, 4096):
                        pass
                    raise
                if secure.recv(4096):
                    secure.sendall(b"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n")
                secure.recv(1)
            connection.close()


def scripted(script):
    """A raw server that runs `script` with its one client; returns its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        script(Peer(connection))
        connection.close()
        listener.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]
