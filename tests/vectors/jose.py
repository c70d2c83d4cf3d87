"""A minimal JOSE signer for tests, able to sign what a proper one refuses to.

Built on the primitives of `cryptography`; RSA is plain integers, so that every padding, modulus and exponent can be
made. Nothing here checks its input: that is the point.
"""

import hashlib
import hmac
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose_text import b64u, uint

HASHES = {"256": "sha256", "384": "sha384", "512": "sha512"}
DIGEST_INFO = {  # RFC 8017 §9.2
    "sha1": "3021300906052b0e03021a05000414",
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}
EC_CURVES = {  # crv: curve, coordinate bytes, hash of its alg, alg
    "P-256": (ec.SECP256R1(), 32, "sha256", "ES256"),
    "P-384": (ec.SECP384R1(), 48, "sha384", "ES384"),
    "P-521": (ec.SECP521R1(), 66, "sha512", "ES512"),
    "secp256k1": (ec.SECP256K1(), 32, "sha256", "ES256K"),
}
EC_ORDER = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "P-521": int(
        "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
        "FA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
        16,
    ),
    "secp256k1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
}
EC_PRIME = {
    "P-256": 2**256 - 2**224 + 2**192 + 2**96 - 1,
    "P-384": 2**384 - 2**128 - 2**96 + 2**32 - 1,
    "P-521": 2**521 - 1,
    "secp256k1": 2**256 - 2**32 - 977,
}


def compact(value):
    """The bytes of a header or payload: bytes and str as they stand, anything else as JSON."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value, separators=(",", ":")).encode()


def signing_input(header, payload):
    return f"{b64u(compact(header))}.{b64u(compact(payload))}"


def token(key, payload, header=None, alg=None, sign=None, **members):
    """A compact JWS. `header` replaces the whole header; otherwise it is alg, kid and `members` (None: left out).

    `alg` says how to sign; `sign` (a function of the signing input) replaces the signature.
    """
    alg = alg or key.alg
    if header is None:
        header = {"alg": alg, "kid": key.kid, **members}
        header = {name: value for name, value in header.items() if value is not None}
    head = signing_input(header, payload)
    signature = sign(head.encode()) if sign else key.sign(head.encode(), alg)
    return f"{head}.{b64u(signature)}"


def mgf1(seed, size, hash_name):
    out = b""
    counter = 0
    while len(out) < size:
        out += hashlib.new(hash_name, seed + uint(counter, 4)).digest()
        counter += 1
    return out[:size]


def pkcs1_em(message, size, hash_name, digest_info=None):
    """EMSA-PKCS1-v1_5 (RFC 8017 §9.2); `digest_info` replaces the DER prefix."""
    prefix = bytes.fromhex(DIGEST_INFO[hash_name]) if digest_info is None else digest_info
    t = prefix + hashlib.new(hash_name, message).digest()
    return b"\x00\x01" + b"\xff" * (size - len(t) - 3) + b"\x00" + t


def pss_em(message, bits, hash_name, salt_size=None, mgf_hash=None, trailer=0xBC):
    """EMSA-PSS (RFC 8017 §9.1) for a modulus of `bits` bits."""
    digest = hashlib.new(hash_name, message).digest()
    salt = os.urandom(len(digest) if salt_size is None else salt_size)
    em_size = (bits - 1 + 7) // 8
    h = hashlib.new(hash_name, bytes(8) + digest + salt).digest()
    db = bytes(em_size - len(salt) - len(h) - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(db, mgf1(h, len(db), mgf_hash or hash_name)))
    masked[0] &= 0xFF >> (8 * em_size - (bits - 1))
    return bytes(masked) + h + bytes([trailer])


class RsaKey:
    """An RSA key from its primes; `factors` may hold more than two, and need not be odd."""

    alg = "RS256"

    def __init__(self, factors, e, kid):
        self.factors, self.e, self.kid = factors, e, kid
        self.n = 1
        for factor in factors:
            self.n *= factor
        self.bits = self.n.bit_length()
        self.size = (self.bits + 7) // 8

    @property
    def jwk(self):
        return {"kty": "RSA", "kid": self.kid, "n": b64u(uint(self.n)), "e": b64u(uint(self.e))}

    def with_exponent(self, e):
        return RsaKey(self.factors, e, self.kid)

    def decrypt(self, number):
        """number^d mod n by the Chinese remainder theorem."""
        result, modulus = 0, 1
        for p in self.factors:
            part = pow(number % p, pow(self.e, -1, p - 1), p) if p > 2 else number % 2
            step = (part - result) * pow(modulus, -1, p) % p
            result, modulus = result + modulus * step, modulus * p
        return result

    def sign_em(self, em):
        return uint(self.decrypt(int.from_bytes(em, "big")), self.size)

    def sign(self, message, alg):
        hash_name = HASHES[alg[2:]]
        if alg.startswith("PS"):
            return self.sign_em(pss_em(message, self.bits, hash_name))
        return self.sign_em(pkcs1_em(message, self.size, hash_name))

    def spki(self, encoding=Encoding.DER, public_format=PublicFormat.SubjectPublicKeyInfo):
        return rsa.RSAPublicNumbers(self.e, self.n).public_key().public_bytes(encoding, public_format)


class EcKey:
    """An EC key from its private number."""

    def __init__(self, crv, secret, kid):
        self.crv, self.kid = crv, kid
        curve, self.size, self.hash_name, self.alg = EC_CURVES[crv]
        self.private = ec.derive_private_key(secret, curve)
        numbers = self.private.public_key().public_numbers()
        self.x, self.y = numbers.x, numbers.y

    @property
    def jwk(self):
        return self.jwk_at(self.x, self.y)

    def jwk_at(self, x, y, size=None):
        """The JWK of another point, coordinates of `size` bytes."""
        size = size or self.size
        return {"kty": "EC", "kid": self.kid, "crv": self.crv, "x": b64u(uint(x, size)), "y": b64u(uint(y, size))}

    def sign_der(self, message, hash_name=None):
        name = hash_name or self.hash_name
        return self.private.sign(message, ec.ECDSA(getattr(hashes, name.upper())()))

    def sign_rs(self, message, hash_name=None):
        return utils.decode_dss_signature(self.sign_der(message, hash_name))

    def join(self, r, s, size=None):
        size = size or self.size
        return uint(r, size) + uint(s, size)

    def sign(self, message, alg=None):
        return self.join(*self.sign_rs(message))

    def spki(self, encoding=Encoding.DER):
        return self.private.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


class OkpKey:
    """An Ed25519 or Ed448 key from its seed."""

    def __init__(self, crv, seed, kid, alg="EdDSA"):
        self.crv, self.kid, self.alg, self.seed = crv, kid, alg, seed
        kind = ed25519.Ed25519PrivateKey if crv == "Ed25519" else ed448.Ed448PrivateKey
        self.private = kind.from_private_bytes(seed)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def jwk(self):
        return self.jwk_of(self.public)

    def jwk_of(self, public):
        return {"kty": "OKP", "kid": self.kid, "crv": self.crv, "x": b64u(public)}

    def sign(self, message, alg=None):
        return self.private.sign(message)


class OctKey:
    """A symmetric key."""

    alg = "HS256"

    def __init__(self, secret, kid):
        self.secret, self.kid = secret, kid

    @property
    def jwk(self):
        return {"kty": "oct", "kid": self.kid, "k": b64u(self.secret)}

    def sign(self, message, alg):
        return hmac.new(self.secret, message, HASHES[alg[2:]]).digest()


class KeyRing:
    """The fixed keys of the tests: RSA primes come from keys.json, all other keys from their names."""

    def __init__(self):
        self.rsa_primes = json.loads((Path(__file__).parent / "keys.json").read_text())["rsa"]

    def rsa(self, name, kid=None):
        entry = self.rsa_primes[name]
        return RsaKey([int(factor, 16) for factor in entry["factors"]], entry["e"], kid or name)

    def ec(self, crv, name="a", kid=None):
        secret = int.from_bytes(hashlib.sha512(f"{crv} {name}".encode()).digest(), "big") % (EC_ORDER[crv] - 1) + 1
        return EcKey(crv, secret, kid or f"{crv}-{name}")

    def okp(self, crv, name="a", kid=None, alg="EdDSA"):
        size = 32 if crv == "Ed25519" else 57
        return OkpKey(crv, hashlib.sha512(f"{crv} {name}".encode()).digest()[:size], kid or f"{crv}-{name}", alg)

    def oct(self, size=64, name="a", kid=None):
        return OctKey(hashlib.shake_256(f"oct {name}".encode()).digest(size), kid or f"oct-{name}")
