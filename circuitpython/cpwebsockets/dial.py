"""The connected socket, with TLS for wss: on CircuitPython, on MicroPython and CPython, and on network hardware."""
from .sending import not_in_time, now, ticks_diff

_NEEDS_CONTEXT = "wss needs ssl_context=adafruit_connection_manager.get_radio_ssl_context(radio)"


def _pool_of(radio):
    """The socket pool (or module) for what connect() was given."""
    if radio is None:
        import socket
        return socket
    if hasattr(radio, "getaddrinfo") and hasattr(radio, "socket"):
        return radio
    if type(radio).__name__ in ("ESP_SPIcontrol", "WIZNET5K"):
        import adafruit_connection_manager
        return adafruit_connection_manager.get_radio_socketpool(radio)
    import socketpool
    return socketpool.SocketPool(radio)


def _context_of(context, pool):
    if context is None:
        if hasattr(getattr(pool, "_interface", getattr(pool, "_the_interface", None)), "TLS_MODE"):
            raise ValueError(_NEEDS_CONTEXT)  # the hardware has TLS of its own
        try:
            import ssl
            context = ssl.create_default_context()
        except (ImportError, AttributeError):
            raise ValueError("wss needs ssl_context=, with the CAs to trust")
    return context


def _close(sock):
    try:
        sock.close()
    except (OSError, RuntimeError):
        pass


def _wrapped(context, sock, host):
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except AttributeError:  # the firmware's TLS wraps no socket of AirLift
        raise ValueError(_NEEDS_CONTEXT)


def _attempt(pool, info, uri, context, limit):
    raw = sock = pool.socket(info[0], info[1])
    try:
        if not hasattr(sock, "recv_into") and hasattr(sock, "readline") and not hasattr(sock, "readinto"):
            from .hardware import adapted
            sock = adapted(sock)  # ESP_ATcontrol's
        if hasattr(sock, "settimeout"):
            sock.settimeout(limit)
        if hasattr(sock, "setsockopt") and hasattr(pool, "TCP_NODELAY"):
            sock.setsockopt(getattr(pool, "IPPROTO_TCP", 6), pool.TCP_NODELAY, 1)
        address = info[-1]
        # On CircuitPython TLS begins in connect(); AirLift's takes the name there that it verifies.
        wraps_first = context and hasattr(sock, "recv_into") and not hasattr(sock, "makefile")
        if wraps_first:
            sock = _wrapped(context, sock, uri.hostname)
            if hasattr(sock, "_socket"):
                address = (uri.hostname, uri.port)
        sock.connect(address)
        if context and not wraps_first:
            sock = _wrapped(context, sock, uri.hostname)
        return sock
    except BaseException:
        _close(sock)
        if raw is not sock:  # CircuitPython's TLS does not close it after a failed handshake
            _close(raw)
        raise


def dial(uri, radio, context, limit):
    """Tries every address of the name, within `limit` milliseconds; the socket, and the time that it took."""
    pool = _pool_of(radio)
    if uri.protocol == "wss":
        context = _context_of(context, pool)
    else:
        context = None
    begun = now()
    try:
        infos = pool.getaddrinfo(uri.hostname, uri.port, 0, pool.SOCK_STREAM)
    except Exception as error:
        if isinstance(error, (OSError, MemoryError)):
            raise
        raise OSError(str(error))  # network hardware has exceptions of its own
    problem = OSError("the name has no address")
    for i, info in enumerate(infos):
        left = limit - ticks_diff(now(), begun)
        if left <= 0:
            not_in_time()
        try:
            return _attempt(pool, info, uri, context, left / 1000 / (len(infos) - i)), ticks_diff(now(), begun)
        except RuntimeError as error:  # Wiznet's
            problem = OSError(" ".join(str(part) for part in error.args))
        except OSError as error:
            problem = error
    if 110 in problem.args or "timed out" in str(problem):  # CPython's have no errno
        not_in_time()
    raise problem
