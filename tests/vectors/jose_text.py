"""base64url and integers as JOSE writes them. Standard library only."""

import base64


def b64u(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def uint(number, size=None):
    """Big-endian bytes, as short as possible or of the given size."""
    return number.to_bytes(size if size is not None else max(1, (number.bit_length() + 7) // 8), "big")
