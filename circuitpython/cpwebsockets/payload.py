"""What happens to payload: the check of UTF-8 (RFC 6455 §8.1) and masking (§5.3), without an allocation per byte."""

STEP = 128  # bytes that are masked at once, as one large integer

_HIGH_BITS = int.from_bytes(b"\x80" * 32, "little")


class Utf8:
    """Checks text that comes in pieces, and fails at the first impossible byte (RFC 3629)."""

    def __init__(self):
        self.missing = 0  # continuation bytes that the code point still needs
        self.low = 0x80  # the next one lies in low..high
        self.high = 0xBF

    def takes(self, view):
        i, size = 0, len(view)
        while i < size:
            if not self.missing and size - i >= 32 and not int.from_bytes(view[i:i + 32], "little") & _HIGH_BITS:
                i += 32
                continue
            byte = view[i]
            i += 1
            if self.missing:
                if not self.low <= byte <= self.high:
                    return False
                self.missing -= 1
                self.low, self.high = 0x80, 0xBF
            elif byte >= 0x80:
                if not 0xC2 <= byte <= 0xF4:
                    return False
                self.missing = 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
                # Overlong forms, surrogates, and what is beyond U+10FFFF.
                self.low = 0xA0 if byte == 0xE0 else 0x90 if byte == 0xF0 else 0x80
                self.high = 0x9F if byte == 0xED else 0x8F if byte == 0xF4 else 0xBF
        return True


def is_utf8(text):
    check = Utf8()
    return check.takes(text) and not check.missing


def mask_into(out, at, data, key):
    """Writes `data` masked with `key`, as if it began a payload, to `out` from `at` on."""
    wide = int.from_bytes(key * (STEP // 4), "little")
    size = len(data)
    for i in range(0, size, STEP):
        piece = data[i:i + STEP]
        count = len(piece)
        masked = int.from_bytes(piece, "little") ^ (wide if count == STEP else wide & ((1 << 8 * count) - 1))
        out[at + i:at + i + count] = masked.to_bytes(count, "little")
