"""Rows about signatures: ECDSA encodings, RSA padding variants."""

import hashlib

from jose import DIGEST_INFO, EC_ORDER, pkcs1_em, pss_em, token
from jose_text import uint

from .base import EC, EC_OTHER, ED, OCT, RING, RSA, RSA_OTHER, ask, claims, row

ECDSA = row("ECDSA r or s 0, n, +n, DER, wrong length")
RSA_PADDING = row("RSA padding variants, PSS salt and MGF, modulus and exponent")


def signed(key, sign, alg=None, **members):
    """A request whose signature `sign` makes from the signing input."""
    alg = alg or key.alg
    return ask(token(key, claims(**members), alg=alg, sign=sign), key, [alg])


def ecdsa_cases():
    clause = "RFC 7518 §3.4, SEC 1 §4.1.4"
    for crv in ("P-256", "P-384", "P-521", "secp256k1"):
        key = RING.ec(crv)
        n, size = EC_ORDER[crv], key.size
        top = 2 ** (8 * size) - 1
        yield ECDSA(clause, f"{crv} twin", signed(key, key.sign))
        yield ECDSA(
            clause,
            f"{crv} twin: s replaced by n - s",
            signed(key, lambda m, key=key, n=n: (lambda r, s: key.join(r, n - s))(*key.sign_rs(m))),
        )
        out_of_range = {
            "r 0": (0, 1),
            "s 0": (1, 0),
            "both 0": (0, 0),
            "r n": (n, 1),
            "s n": (1, n),
            "both n": (n, n),
            "r n+1": (n + 1, 1),
            "s n+1": (1, n + 1),
            "r all ones": (top, 1),
            "s all ones": (1, top),
            "r 0, s n": (0, n),
            "r n, s 0": (n, 0),
        }
        for name, (r, s) in out_of_range.items():
            yield ECDSA(
                clause, f"{crv} {name}", signed(key, lambda m, key=key, r=r, s=s: key.join(r, s)), "signature_range"
            )
        yield ECDSA(
            clause,
            f"{crv} r good, s 0",
            signed(key, lambda m, key=key: key.join(key.sign_rs(m)[0], 0)),
            "signature_range",
        )
        yield ECDSA(
            clause,
            f"{crv} r 0, s good",
            signed(key, lambda m, key=key: key.join(0, key.sign_rs(m)[1])),
            "signature_range",
        )
        for name, (r, s) in {"both 1": (1, 1), "both n-1": (n - 1, n - 1), "r 1, s n-1": (1, n - 1)}.items():
            yield ECDSA(
                clause,
                f"{crv} {name}: in range",
                signed(key, lambda m, key=key, r=r, s=s: key.join(r, s)),
                "signature_invalid",
            )
        yield from ecdsa_shape_cases(clause, key)
    yield from ecdsa_wrapped_cases(clause)


def ecdsa_shape_cases(clause, key):
    size = key.size

    def swap(message):
        r, s = key.sign_rs(message)
        return key.join(s, r)

    def wide(message):
        return key.join(*key.sign_rs(message), size=size + 1)

    shapes = {
        "DER": key.sign_der,
        "DER and zeros to the right length": lambda m: key.sign_der(m)[: 2 * size].ljust(2 * size, b"\0"),
        "one byte short": lambda m: key.sign(m)[:-1],
        "one byte long": lambda m: key.sign(m) + b"\0",
        "one byte before": lambda m: b"\0" + key.sign(m),
        "r and s one byte wider": wide,
        "r alone": lambda m: key.sign(m)[:size],
        "twice": lambda m: key.sign(m) * 2,
        "one byte": lambda m: b"\1",
        "1,000 bytes": lambda m: bytes(1000),
    }
    for name, sign in shapes.items():
        error = ["signature_invalid", "signature_range"] if "right length" in name else "signature_length"
        yield ECDSA(clause, f"{key.crv} {name}", signed(key, sign), error)
    yield ECDSA(clause, f"{key.crv} r and s swapped", signed(key, swap), "signature_invalid")
    other_hash = "sha512" if key.hash_name != "sha512" else "sha256"
    yield ECDSA(
        clause,
        f"{key.crv} under {other_hash}",
        signed(key, lambda m: key.join(*key.sign_rs(m, other_hash))),
        "signature_invalid",
    )
    flipped = bytes([1]) + bytes(2 * size - 1)
    yield ECDSA(
        clause,
        f"{key.crv} one bit of the last byte flipped",
        signed(key, lambda m: bytes(a ^ b for a, b in zip(key.sign(m), flipped[::-1]))),
        "signature_invalid",
    )


def ecdsa_wrapped_cases(clause):
    """r + n and s + n fit the fixed length of P-521 only; short r shows that leading zeros must stay."""
    key = RING.ec("P-521")
    n = EC_ORDER["P-521"]
    for name, dr, ds in (("r + n", n, 0), ("s + n", 0, n), ("both + n", n, n), ("r + 64n", 64 * n, 0)):
        yield ECDSA(
            clause,
            f"P-521 {name}",
            signed(key, lambda m, dr=dr, ds=ds: (lambda r, s: key.join(r + dr, s + ds))(*key.sign_rs(m))),
            "signature_range",
        )
    key = RING.ec("P-256")

    def short_r(message):
        while True:
            r, s = key.sign_rs(message)
            if r < 2**248:
                return r, s

    yield ECDSA(clause, "P-256 twin: r begins with a zero byte", signed(key, lambda m: key.join(*short_r(m))))
    yield ECDSA(
        clause,
        "P-256: the zero byte of r left out",
        signed(key, lambda m: key.join(*short_r(m))[1:]),
        "signature_length",
    )


def wrong_key_cases():
    clause = "RFC 7515 §5.2"
    for key, other in (
        (EC, EC_OTHER),
        (RSA, RSA_OTHER),
        (ED, RING.okp("Ed25519", "other", kid="ed")),
        (OCT, RING.oct(64, "other", kid="oct")),
    ):
        case = RSA_PADDING if key is RSA else ECDSA
        yield case(
            clause,
            f"{key.alg}: another key of that kid",
            ask(token(other, claims()), key, [key.alg]),
            "signature_invalid",
        )
    for key, size in ((OCT, 32), (RSA, 256), (ED, 64)):
        for length in (1, size - 1, size + 1, 2 * size):
            yield RSA_PADDING(
                clause,
                f"{key.alg}: signature of {length} bytes",
                signed(key, lambda m, k=key, n=length: (k.sign(m, k.alg) * 2)[:n]),
                "signature_length",
            )
    yield RSA_PADDING(
        "RFC 2104 §5",
        "HS256: the tag cut to 16 bytes",
        signed(OCT, lambda m: OCT.sign(m, "HS256")[:16]),
        "signature_length",
    )


def padding_cases():
    clause = "RFC 8017 §8.2.2"
    key = RSA
    size = key.size

    def em(build):
        return signed(key, lambda m: key.sign_em(build(m)))

    yield RSA_PADDING(clause, "twin: RS256", signed(key, lambda m: key.sign(m, "RS256")))
    yield RSA_PADDING(clause, "twin: RS256, the padding by hand", em(lambda m: pkcs1_em(m, size, "sha256")))

    def block(message, ps=None, lead=b"\0\1", info=DIGEST_INFO["sha256"], tail=b"", separator=b"\0", filler=b"\xff"):
        t = bytes.fromhex(info) + hashlib.sha256(message).digest()
        room = size - len(lead) - len(separator) - len(t) - len(tail)
        body = (filler * room)[:room] if ps is None else ps
        return (lead + body + separator + t + tail).ljust(size, b"\0")[:size]

    without_null = "302f300b0609608648016503040201" + "0420"
    long_length = "308130300d060960864801650304020105000420"
    variants = {
        "block type 2": lambda m: block(m, lead=b"\0\2"),
        "block type 0": lambda m: block(m, lead=b"\0\0"),
        "block type 1 with zeros as padding": lambda m: block(m, filler=b"\0"),
        "one byte of the padding changed": lambda m: block(m)[:20] + b"\xfe" + block(m)[21:],
        "a zero inside the padding": lambda m: block(m)[:20] + b"\0" + block(m)[21:],
        "no separator": lambda m: block(m, separator=b"\xff"),
        "8 bytes of padding and garbage behind the hash": lambda m: block(m, ps=b"\xff" * 8, tail=b"\xaa" * 186),
        "8 bytes of padding and zeros behind the hash": lambda m: block(m, ps=b"\xff" * 8),
        "one byte behind the hash": lambda m: block(m, tail=b"\0"),
        "no DigestInfo": lambda m: block(m, info=""),
        "DigestInfo without NULL": lambda m: block(m, info=without_null),
        "DigestInfo with a long-form length": lambda m: block(m, info=long_length),
        "no first zero": lambda m: block(m)[1:] + b"\0",
    }
    for name, build in variants.items():
        yield RSA_PADDING(
            clause,
            f"RS256: {name}",
            em(build),
            "signature_invalid" if name != "no first zero" else ["signature_invalid", "signature_range"],
        )
    for hash_name in ("sha1", "sha384", "sha512"):
        yield RSA_PADDING(
            clause, f"RS256 made with {hash_name}", em(lambda m, h=hash_name: pkcs1_em(m, size, h)), "signature_invalid"
        )
    yield RSA_PADDING(
        clause,
        "RS256: SHA-256 in the DigestInfo, SHA-512 behind it",
        em(lambda m: pkcs1_em(m, size, "sha512", bytes.fromhex(DIGEST_INFO["sha256"]))),
        "signature_invalid",
    )
    yield from cube_root_cases(clause)
    yield from integer_cases(clause)


def cube_root(number):
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle ** 3 < number else (low, middle)
    return low


def cube_root_cases(clause):
    """Bleichenbacher's forgery: with e = 3 and a verifier that ignores what follows the hash, no key is needed."""
    key = RING.rsa("rsa2048_any_exponent")
    for padding in (8, 1, 30):

        def forge(message, padding=padding):
            head = (
                b"\0\1"
                + b"\xff" * padding
                + b"\0"
                + bytes.fromhex(DIGEST_INFO["sha256"])
                + hashlib.sha256(message).digest()
            )
            return uint(cube_root(int.from_bytes(head.ljust(key.size, b"\0"), "big")), key.size)

        yield RSA_PADDING(
            clause, f"e = 3: a cube root with {padding} bytes of padding", signed(key, forge), "signature_invalid"
        )
    yield RSA_PADDING(clause, "twin: e = 3, signed", signed(key, lambda m: key.sign(m, "RS256")))


def integer_cases(clause):
    key = RSA
    for name, number in {"0": 0, "1": 1, "n - 1": key.n - 1}.items():
        for alg in ("RS256", "PS256"):
            yield RSA_PADDING(
                clause,
                f"{alg}: the signature is {name}",
                signed(key, lambda m, s=number: uint(s, key.size), alg),
                "signature_invalid",
            )
    beyond = ["signature_invalid", "signature_range"]
    for name, number in {"n": key.n, "n + 1": key.n + 1, "all ones": 2**2048 - 1}.items():
        for alg in ("RS256", "PS256"):
            yield RSA_PADDING(
                clause,
                f"{alg}: the signature is {name}",
                signed(key, lambda m, s=number: uint(s, key.size), alg),
                beyond,
            )
    for alg in ("RS256", "PS256"):
        yield RSA_PADDING(clause, f"{alg}: n added to the signature", plus_n(key, alg), beyond)
        yield RSA_PADDING(
            clause,
            f"{alg}: a zero byte before the signature",
            signed(key, lambda m, alg=alg: b"\0" + key.sign(m, alg), alg),
            "signature_length",
        )


def plus_n(key, alg):
    """A token whose signature plus n still fits the modulus' bytes."""
    counter = 0
    while True:
        text = token(key, claims(jti=f"try-{counter}"), alg=alg)
        head, _, _ = text.rpartition(".")
        number = int.from_bytes(key.sign(head.encode(), alg), "big") + key.n
        if number < 1 << (8 * key.size):
            return signed(key, lambda m: uint(number, key.size), alg, jti=f"try-{counter}")
        counter += 1


def pss_cases():
    clause = "RFC 7518 §3.5, RFC 8017 §8.1.2"
    key = RSA

    def em(alg, **options):
        return signed(key, lambda m: key.sign_em(pss_em(m, key.bits, "sha" + alg[2:], **options)), alg)

    for alg, size in (("PS256", 32), ("PS384", 48), ("PS512", 64)):
        yield RSA_PADDING(clause, f"twin: {alg}", em(alg))
        largest = key.size - size - 2
        for salt in (0, 1, 20, size - 1, size + 1, largest):
            yield RSA_PADDING(clause, f"{alg} with {salt} bytes of salt", em(alg, salt_size=salt), "signature_invalid")
        for mgf in ("sha1", "sha256", "sha384", "sha512"):
            if mgf != f"sha{alg[2:]}":
                yield RSA_PADDING(clause, f"{alg} with MGF1 of {mgf}", em(alg, mgf_hash=mgf), "signature_invalid")
        yield RSA_PADDING(clause, f"{alg} with the trailer 0xCC", em(alg, trailer=0xCC), "signature_invalid")
        yield RSA_PADDING(
            clause,
            f"{alg}: PKCS #1 v1.5",
            signed(key, lambda m, a=alg: key.sign(m, "RS" + a[2:]), alg),
            "signature_invalid",
        )
        yield RSA_PADDING(
            clause,
            f"RS{alg[2:]}: PSS",
            signed(key, lambda m, a=alg: key.sign(m, a), "RS" + alg[2:]),
            "signature_invalid",
        )
        for other in ("PS256", "PS384", "PS512"):
            if other != alg:
                yield RSA_PADDING(
                    clause,
                    f"{alg}: signed as {other}",
                    signed(key, lambda m, o=other: key.sign(m, o), alg),
                    "signature_invalid",
                )
    # A modulus of 8k + 1 bits has an encoded message one byte shorter than the modulus (RFC 8017 §8.1.2 step 2c).
    yield RSA_PADDING(
        clause,
        "twin: PS256 with 4,096 bits",
        ask(token(RING.rsa("rsa4096"), claims(), alg="PS256"), RING.rsa("rsa4096"), ["PS256"]),
    )


def cases():
    for group in (ecdsa_cases, wrong_key_cases, padding_cases, pss_cases):
        yield from group()
