"""The row about points: off the curve, unreduced, of small order, encoded otherwise than canonically."""

import hashlib

from jose import EC_PRIME, signing_input, token
from jose_text import b64u, uint

from .base import RING, ask, claims, key_accepted, key_refused, key_set, raw_verify, row, with_members

POINTS = row("EC point not on curve, coordinate >= p, infinity; EdDSA S >= L, small order, non-canonical")

ED25519_P = 2**255 - 19
ED25519_D = -121665 * pow(121666, -1, ED25519_P) % ED25519_P
ED25519_L = 2**252 + 27742317777372353535851937790883648493
ED448_P = 2**448 - 2**224 - 1
ED448_D = -39081 % ED448_P
ED448_L = 2**446 - 13818066809895115352007386748515426880336692474882178609894547503885
ED25519_ORDER_8 = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)


# ---- EC


def curve_b(crv):
    """The constant b of y^2 = x^3 + ax + b, from the point of a key on it."""
    key, p = RING.ec(crv), EC_PRIME[crv]
    a = 0 if crv == "secp256k1" else -3
    return (key.y**2 - key.x**3 - a * key.x) % p, a


def point_with_small_x(crv):
    """The point with the least x that is on the curve; all four primes are 3 modulo 4."""
    b, a = curve_b(crv)
    p = EC_PRIME[crv]
    x = 1
    while True:
        square = (x**3 + a * x + b) % p
        y = pow(square, (p + 1) // 4, p)
        if y * y % p == square:
            return x, y
        x += 1


def ec_cases():
    clause = "RFC 7518 §6.2.1, SEC 1 §3.2.2.1"
    for crv in EC_PRIME:
        key, p = RING.ec(crv), EC_PRIME[crv]
        alg, top = key.alg, 2 ** (8 * key.size) - 1
        yield from key_accepted(POINTS, clause, f"twin: {crv}", key.jwk, key, alg)
        off = {
            "y with one bit flipped": (key.x, key.y ^ 1),
            "x with one bit flipped": (key.x ^ 1, key.y),
            "x and y swapped": (key.y, key.x),
            "infinity as zeros": (0, 0),
            "x 0": (0, key.y),
            "y 0": (key.x, 0),
            "all ones": (top, top),
            "x p": (p, key.y),
            "y p": (key.x, p),
            "both p": (p, p),
            "x 1, y 1": (1, 1),
        }
        for name, (x, y) in off.items():
            yield from key_refused(POINTS, clause, f"{crv}: {name}", key.jwk_at(x, y), "jwk_ec_point", key, alg)
        x, y = point_with_small_x(crv)
        yield POINTS(
            clause,
            f"{crv} twin: the point with x {x}, reduced: imported",
            raw_verify(key.jwk_at(x, y), alg, b"m", key.sign(b"m")),
            "signature_invalid",
        )
        yield from key_refused(POINTS, clause, f"{crv}: x {x} + p", key.jwk_at(x + p, y), "jwk_ec_point", key, alg)
        yield from length_cases(clause, key, alg)
    yield from unreduced_cases(clause)


def unreduced_cases(clause):
    """Every coordinate of P-521 plus p fits its 66 bytes, so here the signature is one the key would verify."""
    key, p = RING.ec("P-521"), EC_PRIME["P-521"]
    for name, x, y in (("x + p", p, 0), ("y + p", 0, p), ("both + p", p, p), ("x + 3p", 3 * p, 0)):
        yield from key_refused(
            POINTS, clause, f"P-521: {name}", key.jwk_at(key.x + x, key.y + y), "jwk_ec_point", key, "ES512"
        )


def length_cases(clause, key, alg):
    x, y = uint(key.x, key.size), uint(key.y, key.size)
    for name, (bad_x, bad_y) in {
        "x with a leading zero": (b"\0" + x, y),
        "y with a leading zero": (x, b"\0" + y),
        "both with a leading zero": (b"\0" + x, b"\0" + y),
        "x a byte short": (x[:-1], y),
        "y a byte short": (x, y[1:]),
        "x compressed": (b"\2" + x, y),
        "x an uncompressed point": (b"\4" + x + y, y),
        "x of one byte": (b"\1", y),
        "x twice": (x + x, y),
    }.items():
        yield from key_refused(
            POINTS,
            clause,
            f"{key.crv}: {name}",
            with_members(key, x=b64u(bad_x), y=b64u(bad_y)),
            "jwk_ec_length",
            key,
            alg,
        )
    yield POINTS(
        clause,
        f"{key.crv}: x empty: a token",
        ask(token(key, claims()), key_set(with_members(key, x="")), [alg]),
        "key_unknown",
    )


# ---- EdDSA


def encode(y, sign, size):
    """A point's encoding: y in little-endian, the sign of x in the top bit."""
    out = bytearray(y.to_bytes(size, "little"))
    out[-1] |= sign << 7
    return bytes(out)


def on_ed25519(y):
    return residue((y * y - 1) * pow(ED25519_D * y * y + 1, -1, ED25519_P), ED25519_P)


def on_ed448(y):
    return residue((y * y - 1) * pow(ED448_D * y * y - 1, -1, ED448_P), ED448_P)


def residue(value, p):
    return value % p == 0 or pow(value % p, (p - 1) // 2, p) == 1


def first(values, test):
    return next(value for value in values if test(value))


class SmallOrderKey:
    """A public key of small order with the classic forgery: R the identity, S 0, and a hash that the order divides."""

    def __init__(self, base, public):
        self.base, self.public, self.kid, self.alg = base, public, base.kid, base.alg
        self.jwk = base.jwk_of(public)
        self.identity = encode(1, 0, len(public))
        self.signature = self.identity + bytes(len(public))

    def hash_mod_order(self, message):
        data = self.identity + self.public + message
        if self.base.crv == "Ed25519":
            return int.from_bytes(hashlib.sha512(data).digest(), "little") % ED25519_L % 8
        return int.from_bytes(hashlib.shake_256(b"SigEd448\0\0" + data).digest(114), "little") % ED448_L % 4

    def sign(self, message, alg=None):
        return self.signature

    def forged(self):
        """A token that a verifier without the small-order check accepts."""
        counter = 0
        while True:
            payload = claims(jti=f"try-{counter}")
            header = {"alg": self.alg, "kid": self.kid}
            if self.hash_mod_order(signing_input(header, payload).encode()) == 0:
                return token(self, payload, header=header)
            counter += 1


def small_order_cases():
    clause = "RFC 8032 §5.1.7, §5.2.7; RFC 8725 §3.5"
    for crv, p, small in (("Ed25519", ED25519_P, ed25519_small_order()), ("Ed448", ED448_P, ed448_small_order())):
        base = RING.okp(crv)
        for name, public, reason in small:
            key = SmallOrderKey(base, public)
            yield POINTS(
                clause, f"{crv} {name}: the classic forgery", ask(key.forged(), key_set(key), ["EdDSA"]), "key_unknown"
            )
            yield POINTS(clause, f"{crv} {name}: the reason", raw_verify(key.jwk, "EdDSA", b"m", key.signature), reason)
        yield POINTS(clause, f"{crv} twin: an honest key", ask(token(base, claims()), base, ["EdDSA"]))
        forged = SmallOrderKey(base, encode(1, 0, len(base.public)))
        yield POINTS(
            clause,
            f"{crv}: the forged signature under an honest key",
            ask(token(base, claims(), sign=forged.sign), base, ["EdDSA"]),
            ["signature_invalid", "signature_range"],
        )


def ed25519_small_order():
    p, small, either = ED25519_P, "jwk_okp_small_order", ["jwk_okp_point", "jwk_okp_small_order"]
    yield "identity", encode(1, 0, 32), small
    yield "order 2", encode(p - 1, 0, 32), small
    yield "order 4", encode(0, 0, 32), small
    yield "order 4, x odd", encode(0, 1, 32), small
    for text in ED25519_ORDER_8:
        for sign in (0, 1):
            data = bytearray.fromhex(text)
            data[31] |= sign << 7
            yield f"order 8 {text[:4]} {sign}", bytes(data), small
    yield "identity with the sign of x", encode(1, 1, 32), either
    yield "order 2 with the sign of x", encode(p - 1, 1, 32), either
    yield "order 4 as y = p", encode(p, 0, 32), either
    yield "order 4 as y = p, x odd", encode(p, 1, 32), either
    yield "identity as y = p + 1", encode(p + 1, 0, 32), either
    yield "identity as y = p + 1 with the sign of x", encode(p + 1, 1, 32), either


def ed448_small_order():
    p, small, either = ED448_P, "jwk_okp_small_order", ["jwk_okp_point", "jwk_okp_small_order"]
    yield "identity", encode(1, 0, 57), small
    yield "order 2", encode(p - 1, 0, 57), small
    yield "order 4", encode(0, 0, 57), small
    yield "order 4, x odd", encode(0, 1, 57), small
    yield "identity with the sign of x", encode(1, 1, 57), either
    yield "order 2 with the sign of x", encode(p - 1, 1, 57), either
    yield "order 4 as y = p", encode(p, 0, 57), either
    yield "identity as y = p + 1", encode(p + 1, 0, 57), either


def encoding_cases():
    clause = "RFC 8032 §5.1.3, §5.2.3"
    for crv, p, on_curve, size in (("Ed25519", ED25519_P, on_ed25519, 32), ("Ed448", ED448_P, on_ed448, 57)):
        key = RING.okp(crv)
        good = first(range(2, 19), on_curve)
        bad = first(range(2, 100), lambda y: not on_curve(y))
        signature = key.sign(b"m")
        yield POINTS(
            clause,
            f"{crv} twin: y {good}: imported",
            raw_verify(key.jwk_of(encode(good, 0, size)), "EdDSA", b"m", signature),
            "signature_invalid",
        )
        yield from key_refused(
            POINTS, clause, f"{crv}: y {good} + p", key.jwk_of(encode(good + p, 0, size)), "jwk_okp_point", key, "EdDSA"
        )
        yield from key_refused(
            POINTS,
            clause,
            f"{crv}: y {bad}, not on the curve",
            key.jwk_of(encode(bad, 0, size)),
            "jwk_okp_point",
            key,
            "EdDSA",
        )
        yield from key_refused(
            POINTS, clause, f"{crv}: all ones", key.jwk_of(b"\xff" * size), "jwk_okp_point", key, "EdDSA"
        )
        for length in (1, size - 1, size + 1, 2 * size):
            yield from key_refused(
                POINTS,
                clause,
                f"{crv}: {length} bytes",
                key.jwk_of((key.public * 2)[:length]),
                "jwk_okp_length",
                key,
                "EdDSA",
            )
    key = RING.okp("Ed448")
    for bit in (1, 0x40):
        public = key.public[:-1] + bytes([key.public[-1] | bit])
        yield from key_refused(
            POINTS, clause, f"Ed448: bit {bit:#x} of the last byte", key.jwk_of(public), "jwk_okp_point", key, "EdDSA"
        )


def signature_cases():
    clause = "RFC 8032 §5.1.7, §5.2.7"
    for crv, order, half in (("Ed25519", ED25519_L, 32), ("Ed448", ED448_L, 57)):
        for alg in ("EdDSA", crv):
            key = RING.okp(crv, alg=alg)
            yield POINTS(clause, f"{crv} twin: alg {alg}", ask(token(key, claims()), key, [alg]))
            yield from scalar_cases(clause, key, order, half)
        yield from shape_cases(clause, RING.okp(crv), half)


def with_scalar(key, half, change):
    def sign(message):
        signature = key.sign(message)
        s = change(int.from_bytes(signature[half:], "little"))
        return signature[:half] + s.to_bytes(half, "little")

    return ask(token(key, claims(), sign=sign), key, [key.alg])


def scalar_cases(clause, key, order, half):
    top = 2 ** (8 * half) - 1
    changes = {
        "S + L": lambda s: s + order,
        "S + 2L": lambda s: s + 2 * order,
        "S = L": lambda s: order,
        "S = L + 1": lambda s: order + 1,
        "S all ones": lambda s: top,
        "the top bit of S": lambda s: s | 1 << (8 * half - 1),
    }
    if half == 32:
        changes["S + 7L"] = lambda s: s + 7 * order
        changes["bit 253 of S"] = lambda s: s | 1 << 253
    else:
        changes["the last byte of S"] = lambda s: s | 1 << (8 * 56)
    for name, change in changes.items():
        yield POINTS(clause, f"{key.crv} {key.alg}: {name}", with_scalar(key, half, change), "signature_range")
    for name, change in {
        "S = 0": lambda s: 0,
        "S = L - 1": lambda s: order - 1,
        "S + 1": lambda s: (s + 1) % order,
    }.items():
        yield POINTS(
            clause, f"{key.crv} {key.alg}: {name}: in range", with_scalar(key, half, change), "signature_invalid"
        )


def shape_cases(clause, key, half):
    def signed(sign):
        return ask(token(key, claims(), sign=sign), key, ["EdDSA"])

    either = ["signature_invalid", "signature_range"]
    p = ED25519_P if half == 32 else ED448_P
    for name, r in {
        "all ones": b"\xff" * half,
        "y = p": encode(p, 0, half),
        "identity as y = p + 1": encode(p + 1, 0, half),
        "zeros": bytes(half),
        "identity": encode(1, 0, half),
    }.items():
        yield POINTS(clause, f"{key.crv}: R is {name}", signed(lambda m, r=r: r + key.sign(m)[half:]), either)
    yield POINTS(clause, f"{key.crv}: all zeros", signed(lambda m: bytes(2 * half)), either)
    yield POINTS(
        clause, f"{key.crv}: R and S swapped", signed(lambda m: key.sign(m)[half:] + key.sign(m)[:half]), either
    )
    yield POINTS(
        clause,
        f"{key.crv}: the sign of R's x flipped",
        signed(lambda m: key.sign(m)[: half - 1] + bytes([key.sign(m)[half - 1] ^ 0x80]) + key.sign(m)[half:]),
        either,
    )
    for name, sign in {
        "one byte short": lambda m: key.sign(m)[:-1],
        "one byte long": lambda m: key.sign(m) + b"\0",
        "R alone": lambda m: key.sign(m)[:half],
        "twice": lambda m: key.sign(m) * 2,
    }.items():
        yield POINTS(clause, f"{key.crv}: {name}", signed(sign), "signature_length")
    if key.crv == "Ed25519":
        yield POINTS(
            "RFC 8037 §3.1",
            "Ed25519ph is not Ed25519",
            signed(lambda m: key.sign(hashlib.sha512(m).digest())),
            "signature_invalid",
        )


def cases():
    for group in (ec_cases, small_order_cases, encoding_cases, signature_cases):
        yield from group()
