"""SHA-1 (FIPS 180-4) for the fake server, where the interpreter has none."""


def rotated(value, count):
    return (value << count | value >> (32 - count)) & 0xFFFFFFFF


def sha1(data):
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for at in range(0, len(padded), 64):
        words = [int.from_bytes(padded[i:i + 4], "big") for i in range(at, at + 64, 4)]
        for i in range(16, 80):
            words.append(rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1))
        a, b, c, d, e = state
        for i, word in enumerate(words):
            if i < 20:
                mix, constant = b & c | ~b & d, 0x5A827999
            elif i < 40:
                mix, constant = b ^ c ^ d, 0x6ED9EBA1
            elif i < 60:
                mix, constant = b & c | b & d | c & d, 0x8F1BBCDC
            else:
                mix, constant = b ^ c ^ d, 0xCA62C1D6
            a, b, c, d, e = (rotated(a, 5) + mix + e + constant + word) & 0xFFFFFFFF, a, rotated(b, 30), c, d
        state = [(old + new) & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d, e))]
    return b"".join(word.to_bytes(4, "big") for word in state)
