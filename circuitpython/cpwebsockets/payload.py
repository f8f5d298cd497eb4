"""Payload that is not taken as it comes: the check of UTF-8 (RFC 6455 §8.1), for text that is not all ASCII or comes in pieces, and
masked frames."""
from .sending import fails


# Lead bytes that need more than the right number of bytes behind them (overlong forms, surrogates, what is beyond
# U+10FFFF), and from where to where the second byte lies; nowhere, if the first number is larger.
_LEADS = b"\xc0\x01\x00\xc1\x01\x00\xe0\xa0\xbf\xed\x80\x9f\xf0\x90\xbf\xf4\x80\x8f\xf5\x01\x00\xf6\x01\x00\xf7\x01\x00"


def rest_of(text, before):
    """The bytes at the end of `text` that do not make a whole code point yet; None if it is not UTF-8 (RFC 3629).
    `before` is what was left of the text before it."""
    if before:
        text = before + bytes(text)
    size = end = len(text)
    for back in (1, 2, 3):
        byte = text[-back] if back <= size else 0
        if byte >= 0xC0:
            if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4):
                end -= back
            break
        if byte < 0x80:
            break
    try:
        if len(str(text if end == size else text[:end], "utf-8")) == size:
            return b""  # ASCII
    except UnicodeError:
        return None
    text = bytes(text)
    for i in range(0, len(_LEADS), 3):
        at = text.find(_LEADS[i:i + 1])
        while at >= 0:
            at += 1
            low, high = _LEADS[i + 1], _LEADS[i + 2]
            if low > high or at < size and not low <= text[at] <= high:
                return None
            at = text.find(_LEADS[i:i + 1], at)
    text = text[end:]
    return None if text and text[0] > 0xF4 else text


def is_utf8(text):
    return rest_of(text, b"") == b""


def unmask(ws, view):
    for i in range(len(view)):
        view[i] ^= ws._key[ws._at_in & 3]
        ws._at_in += 1


def checked(ws, view):
    """What came of a frame's payload: unmasked, and judged if it is text."""
    if not ws._mask:
        unmask(ws, view)
    if ws._text is not None:
        ws._text = rest_of(view, ws._text)
        if ws._text is None:
            fails(ws, "fail", 1007)
