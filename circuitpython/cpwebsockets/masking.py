"""Masking of payload in place (RFC 6455 §5.3) as large integers, where there is no viper to make machine code of it: they leave three
times the payload's size to the garbage collector."""
_STEP = 512
_latest = b"", 0  # a key, and its integer for _STEP bytes


def mask(buf, index, count, key):
    global _latest
    end = index + count
    while index < end:
        count = min(_STEP, end - index)
        if count < _STEP:
            wide = int.from_bytes((key * (count + 3 >> 2))[:count], "little")
        else:
            if _latest[0] != key:
                _latest = key, int.from_bytes(key * (_STEP // 4), "little")
            wide = _latest[1]
        buf[index:index + count] = (int.from_bytes(buf[index:index + count], "little") ^ wide).to_bytes(count, "little")
        index += count
