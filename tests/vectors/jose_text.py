"""The names of JOSE's signature algorithms, and base64url and integers as it writes them. Standard library only."""

import base64

ALGORITHMS = (
    *("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"),
)


def b64u(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def uint(number, size=None):
    """Big-endian bytes, as short as possible or of the given size."""
    return number.to_bytes(size if size is not None else max(1, (number.bit_length() + 7) // 8), "big")
