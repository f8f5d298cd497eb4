"""What the folder's modules take of a heap on 32 bits, when they are imported and once connected: run by folder_memory.sh beside the
echo server. It has few names of its own, as they take the same memory."""
import gc
import os
import sys


def used():
    gc.collect()
    return gc.mem_alloc()


start = used()
import folder.client as client  # noqa: E402
index = used()
self = client.connect(os.getenv("WS_URL"), timeout=10)
end = used()
client.WebsocketClient(self._sock)
value = used()
key = client.WebsocketClient(self._sock)
end -= used() - value  # the connection's own
print("import %d (gate %d), resident once connected %d (gate %d)" % (index - start, 14336, end - start, 13500))
sys.exit(index - start > 14336 or end - start > 13500)
