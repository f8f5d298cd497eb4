"""What cpwebsockets_asyncio takes of the heap on 32 bits, in bytes, besides asyncio and the connection itself; with gates."""
import asyncio
import gc

import cpwebsockets.client
from fake_socket import FakeSocket

asyncio.Lock()  # which asyncio imports when it is asked for


gc.collect()
before = gc.mem_alloc()
import cpwebsockets_asyncio  # noqa: E402  it is measured
gc.collect()
imported = gc.mem_alloc() - before

client = cpwebsockets.client.WebsocketClient(FakeSocket())
first = cpwebsockets_asyncio.AsyncWebsocket(client)
gc.collect()
before = gc.mem_alloc()
second = cpwebsockets_asyncio.AsyncWebsocket(client)
gc.collect()
connected = gc.mem_alloc() - before

print("imported %d, a connection %d" % (imported, connected))
assert imported <= 5200 and connected <= 220, "more than the docs say"
