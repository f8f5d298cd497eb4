"""What the Python programs of the comparison share: as work.hpp says."""
import json
import os
import resource
import ssl
import sys
import time


class Work:
    def __init__(self):
        url, self.kind, count, size, *rest = sys.argv[1:]
        self.count, self.size = int(count), int(size)
        self.tls = url.startswith("wss:")
        self.floods = self.kind.startswith("receive")
        self.echoes = self.kind == "echo"
        self.connects = self.kind == "connect"
        self.is_text = self.kind.endswith("-text")
        self.sends = self.kind.startswith("send") or self.echoes
        self.receives = self.floods or self.echoes
        if self.kind == "batch":
            sys.exit(3)
        if self.floods:
            path = f"/flood/{count}/{size}/{'text' if self.is_text else 'binary'}"
        else:
            path = f"/echo/{size}" if self.echoes or self.connects else "/sink"
        self.url = url + path
        self.message = "m" * self.size if self.is_text else b"m" * self.size
        self.ssl = ssl.create_default_context(cafile=rest[0]) if self.tls else None


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Meter:
    def __init__(self):
        self.began, self.cpu = time.monotonic(), cpu_seconds()

    def report(self, work, peer, version, received):
        cpu, seconds = cpu_seconds() - self.cpu, time.monotonic() - self.began
        if received != (work.count * work.size if work.receives else 0):
            sys.exit(f"{peer}: {received} bytes came")
        print(json.dumps({"peer": peer, "version": version, "seconds": seconds, "cpu": cpu}), flush=True)
        os._exit(0)


def size_of(message):
    return len(message) if isinstance(message, bytes) else len(message.encode())
