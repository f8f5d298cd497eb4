#!/usr/bin/env python3
"""Echoes through npm ws, Python websockets, nginx as TLS proxy and our own server; TLS that must fail; the examples.
run.py BUILD_FOLDER [--deflate]"""
import base64
import contextlib
import hashlib
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from support import BUILD, CPWS, DEFLATE, ECHO_ALL, HERE, RECONNECT, TlsServer, check, failures, run, server


def echo_through(name, url, ca=None, extra=()):
    variants = [()] + ([("--compress",)] if DEFLATE else [])
    for variant in variants:
        arguments = [ECHO_ALL, url, *variant, *extra] + (["--cacert", ca] if ca else [])
        done = run(*arguments)
        check(f"{name} {url.split(':')[0]} {' '.join(variant)}", done.returncode == 0, done.stderr.strip())


def real_servers(certs, work):
    cert, key, ca = certs / "server.pem", certs / "server.key", certs / "ca.pem"
    with server("node", HERE / "ws_server.js", cert, key, env={"NODE_PATH": "/usr/share/nodejs"}) as ports:
        echo_through("npm ws", f"ws://127.0.0.1:{ports['ws']}/")
        echo_through("npm ws", f"wss://localhost:{ports['wss']}/", ca)
        done = run(ECHO_ALL, f"ws://127.0.0.1:{ports['ws']}/", "--largest", 0, "--subprotocol", "other", "--subprotocol", "echo.v2", "--expect-subprotocol", "echo.v2")
        check("npm ws chooses an offered subprotocol", done.returncode == 0, done.stderr)
        done = run(CPWS, f"ws://127.0.0.1:{ports['ws']}/", input="")
        check("npm ws refuses without the header", done.returncode == 2 and "HTTP 401" in done.stderr, done.stderr)
        done = run(CPWS, f"ws://127.0.0.1:{ports['ws']}/", "-H", "X-Test: from the client", "--binary", input="by\nlines\n")
        check("cpws carries lines", done.returncode == 0 and done.stdout == "by\nlines\n", done)
        proxied(ports["ws"], certs, work)
    with server("/usr/bin/python3", HERE / "websockets_server.py", cert, key) as ports:
        echo_through("Python websockets", f"ws://127.0.0.1:{ports['ws']}/")
        echo_through("Python websockets", f"wss://127.0.0.1:{ports['wss']}/", ca)
        done = run(ECHO_ALL, f"ws://127.0.0.1:{ports['ws']}/", "--largest", 0, "--subprotocol", "echo.v2", "--expect-subprotocol", "echo.v2")
        check("Python websockets chooses an offered subprotocol", done.returncode == 0, done.stderr)
        done = run(CPWS, f"wss://localhost:{ports['wss']}/", "--cacert", ca, input="")
        check("Python websockets refuses without the header", done.returncode == 2 and "HTTP 401" in done.stderr, done.stderr)
        done = run(CPWS, f"ws://127.0.0.1:{ports['ws']}/", "-H", "X-Test: from the client", "-z", input="to and fro\n")
        check("Python websockets sees the header, and its reply is not lost", done.returncode == 0 and done.stdout == "to and fro\n", done)


def proxied(upstream, certs, work):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    config = work / "nginx.conf"
    config.write_text(f"""daemon off; pid {work}/nginx.pid; error_log {work}/nginx.log; events {{}}
http {{ access_log off; client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certs}/server.pem; ssl_certificate_key {certs}/server.key;
location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; }} }} }}
""")
    nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        echo_through("nginx", f"wss://localhost:{port}/", certs / "ca.pem")
        done = run(CPWS, f"wss://localhost:{port}/", "--cacert", certs / "ca.pem", input="")
        check("a refusal passes nginx", done.returncode == 2 and "HTTP 401" in done.stderr, done.stderr)
        done = run(ECHO_ALL, f"wss://localhost:{port}/", "--cacert", certs / "ca.pem", "--largest", 0, "--subprotocol", "echo.v2", "--expect-subprotocol", "echo.v2")
        check("a subprotocol passes nginx", done.returncode == 0, done.stderr)
    finally:
        nginx.terminate()
        nginx.wait(10)


def own_server(certs):
    """Our own server, the other way round as well: a Python client talks to it."""
    options = ["--compress"] if DEFLATE else []
    with server(CPWS, "serve", "--tls-port", 0, "--cert", certs / "server.pem", "--key", certs / "server.key", "--subprotocol", "echo.v2", *options) as ports:
        echo_through("cpws serve", f"ws://127.0.0.1:{ports['ws']}/")
        echo_through("cpws serve", f"wss://127.0.0.1:{ports['wss']}/", certs / "ca.pem")
        script = f"""
import asyncio, ssl, websockets
async def main():
    for size in (0, 1, 125, 126, 65535, 65536, 1 << 20):
        context = ssl.create_default_context(cafile={str(certs / 'ca.pem')!r})
        for url, tls in (('ws://127.0.0.1:{ports['ws']}/', None), ('wss://localhost:{ports['wss']}/', context)):
            async with websockets.connect(url, ssl=tls, max_size=None, subprotocols=['echo.v2']) as ws:
                assert ws.subprotocol == 'echo.v2'
                for message in ('€' * size, bytes(size)):
                    await ws.send(message)
                    assert await ws.recv() == message
                await (await ws.ping())
asyncio.run(main())
"""
        done = run("/usr/bin/python3", "-c", script)
        check("Python websockets as a client of cpws serve", done.returncode == 0, done.stderr)
        for pem, status, text in (("ca.pem", 0, ""), ("other-ca.pem", 1, "unable to get local issuer certificate"), ("ca.cnf", 1, "the CA certificates cannot be read")):
            done = run(ECHO_ALL, f"wss://localhost:{ports['wss']}/", "--largest", 0, "--ca-pem", certs / pem)
            check(f"CAs as text: {pem}", done.returncode == status and text in done.stderr, done.stderr)
        for example in sorted((BUILD / "examples").glob("example_*")):
            for url in (f"ws://127.0.0.1:{ports['ws']}/", f"wss://127.0.0.1:{ports['wss']}/"):
                done = run(example, url, env={**os.environ, "CPWS_CACERT": str(certs / "ca.pem")})
                check(f"{example.name} over {url.split(':')[0]}", done.returncode == 0 and not done.stderr, done.stderr)
        if (fan_in := BUILD / "examples" / "example_async_fan_in").exists():
            done = run(fan_in, f"wss://127.0.0.1:{ports['wss']}/", env={**os.environ, "CPWS_CACERT": str(certs / "other-ca.pem")})
            check("the asynchronous client checks certificates", done.returncode == 1 and done.stderr.count("unable to get local issuer") == 100,
                  done.stderr[:300])


def spki_pin(certs, name):
    public = subprocess.run(["openssl", "x509", "-in", certs / f"{name}.pem", "-pubkey", "-noout"], capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, capture_output=True, check=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def tls_verdicts(certs):
    ca = ("--cacert", certs / "ca.pem")
    passed = "handshake refused: HTTP 418"  # TLS was fine: the teapot answered
    pin = spki_pin(certs, "server")
    cases = [
        ("the right certificate", "server", "localhost", ca, passed),
        ("an address in the certificate", "server", "127.0.0.1", ca, passed),
        ("an unknown CA", "server", "localhost", (), "TLS: unable to get local issuer certificate (localhost)"),
        ("another CA", "other", "localhost", ca, "TLS: unable to get local issuer certificate (localhost)"),
        ("a self-signed certificate", "ca", "localhost", (), "TLS: self-signed certificate (localhost)"),
        ("a wrong host", "wrong", "localhost", ca, "TLS: host name mismatch (localhost)"),
        ("a wrong address", "wrong", "127.0.0.1", ca, "TLS: IP address mismatch (127.0.0.1)"),
        ("an expired certificate", "expired", "localhost", ca, "TLS: certificate has expired (localhost)"),
        ("the right pin", "server", "localhost", (*ca, "--pin", pin), passed),
        ("one right pin of two", "server", "localhost", (*ca, "--pin", spki_pin(certs, "wrong"), "--pin", pin), passed),
        ("a wrong pin", "server", "localhost", (*ca, "--pin", spki_pin(certs, "wrong")), "TLS: the server's key is not one of the pinned keys (localhost)"),
        ("a pin does not replace the CA", "server", "localhost", ("--pin", pin), "TLS: unable to get local issuer certificate (localhost)"),
        ("no verification, as asked", "wrong", "localhost", ("--insecure",), passed),
        ("no verification, but a pin", "wrong", "localhost", ("--insecure", "--pin", pin), "TLS: the server's key is not one of the pinned keys"),
        ("a pin that is no hash", "server", "localhost", (*ca, "--pin", "abc"), "TLS: a pin is not the base64 form of a SHA-256 hash"),
        ("a CA file that is not there", "server", "localhost", ("--cacert", certs / "none.pem"), f"TLS: the CA certificates cannot be read ({certs}/none.pem)"),
        ("a CA file that is no PEM", "server", "localhost", ("--cacert", certs / "complete"), f"TLS: the CA certificates cannot be read ({certs}/complete)"),
        ("a CA file of which a part is broken", "server", "localhost", ("--cacert", certs / "broken-ca.pem"), f"TLS: the CA certificates cannot be read ({certs}/broken-ca.pem)"),
        ("a trusted intermediate CA", "below", "localhost", ("--cacert", certs / "intermediate.pem"), passed),
        ("a common name is no name (RFC 9525)", "named", "localhost", ca, "TLS: host name mismatch (localhost)"),
        ("a client certificate without its key", "server", "localhost", (*ca, "--cert", certs / "client.pem", "--key", certs / "server.key"), "TLS: the certificate or its key cannot be used"),
    ]
    for name, certificate, host, arguments, expected in cases:
        done = run(CPWS, f"wss://{host}:{TlsServer(certs, certificate).port}/", *arguments, input="")
        check(f"TLS: {name}", done.returncode == 2 and expected in done.stderr, done.stderr)
    asking = TlsServer(certs, "server", certs / "ca.pem")
    done = run(CPWS, f"wss://localhost:{asking.port}/", *ca, "--cert", certs / "client.pem", "--key", certs / "client.key", input="")
    check("TLS: a client certificate is shown", passed in done.stderr, done.stderr)
    for version, step in ((ssl.TLSVersion.TLSv1_2, "TLS"), (ssl.TLSVersion.TLSv1_3, "handshake")):
        asking = TlsServer(certs, "server", certs / "ca.pem", version)
        done = run(CPWS, f"wss://localhost:{asking.port}/", *ca, input="")
        expected = f"{step}: the server sent the alert '{'handshake failure' if step == 'TLS' else 'certificate required'}'"
        check(f"TLS: without it the server's alert is told, {version.name}", done.returncode == 2 and expected in done.stderr, done.stderr)
        server = TlsServer(certs, "server", version=version)
        done = run(RECONNECT, f"wss://localhost:{server.port}/", certs / "ca.pem", 60)
        hits = server.context.session_stats()["hits"]
        check(f"TLS: sessions are resumed, {version.name}", done.returncode == 0 and hits == 59, f"{hits} of 60 {done.stderr}")
    dotted = TlsServer(certs, "server")
    done = run(RECONNECT, f"wss://127.0.0.1:{dotted.port}/", certs / "ca.pem", 1, "localhost.")
    check("TLS: a dot at the end of a name is no part of it", done.returncode == 0 and dotted.names == ["localhost"], (dotted.names, done.stderr))
    log = certs / "keys.log"
    run(CPWS, f"wss://localhost:{TlsServer(certs, 'server').port}/", *ca, input="", env={**os.environ, "SSLKEYLOGFILE": str(log)})
    check("TLS: the key log has the secrets, for its owner", "CLIENT_TRAFFIC_SECRET_0 " in log.read_text() and log.stat().st_mode & 0o77 == 0, log.read_text())
    with socket.create_server(("127.0.0.1", 0)) as plain:
        def talk_plain():
            connection, _ = plain.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()
        threading.Thread(target=talk_plain, daemon=True).start()
        done = run(CPWS, f"wss://127.0.0.1:{plain.getsockname()[1]}/", *ca, input="")
        check("TLS: a server without TLS", done.returncode == 2 and "TLS: the TLS handshake failed" in done.stderr, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        certs = work / "certs"
        subprocess.run([HERE.parent / "make_certs.sh", certs], check=True)
        tls_verdicts(certs)
        own_server(certs)
        real_servers(certs, work)
    print(f"{len(failures)} failed" if failures else "all passed")
    sys.exit(1 if failures else 0)


main()
