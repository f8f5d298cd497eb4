"""All cases, in the order of docs/conformance.md."""
from case import CASES

import handshake_cases  # noqa: F401  importing adds the cases
import frame_cases  # noqa: F401
import deflate_cases  # noqa: F401
import tcp_cases  # noqa: F401

__all__ = ["CASES"]
