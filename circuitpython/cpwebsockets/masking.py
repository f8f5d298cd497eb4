"""Masking of payload in place (RFC 6455 §5.3): as machine code where the interpreter makes it (MicroPython's viper), else by large
integers (CircuitPython, CPython), which leave three times the payload's size to the garbage collector."""
try:
    exec("""
import micropython
@micropython.viper
def mask(buf, index: int, count: int, key):
    to = ptr8(buf)
    by = ptr8(key)
    end = index + count
    i = 0
    while index < end:
        to[index] ^= by[i & 3]
        index += 1
        i += 1
""", globals())
except Exception:  # of several kinds, where there is no viper
    def mask(buf, index, count, key):
        wide = None
        end = index + count
        while index < end:
            count = min(512, end - index)
            if wide is None or count < 512:
                wide = int.from_bytes((key * 128)[:count], "little")
            buf[index:index + count] = (int.from_bytes(buf[index:index + count], "little") ^ wide).to_bytes(count, "little")
            index += count
