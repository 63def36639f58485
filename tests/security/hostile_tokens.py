"""Authorization headers that must not work, systematically: every way to be no good token, and its name."""

import json
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.security.forge import CURVES, Issuer, Json, b64, compact, der, dumps, ec_key, pem, rsa_key

Named = Iterator[tuple[str, str]]
ALGORITHMS = [f"{kind}{size}" for kind in ("HS", "RS", "ES", "PS") for size in (256, 384, 512)]
STRANGER = 7  # the number of key pairs that no deployment trusts
JWE = ".".join(b64(part) for part in (b'{"alg":"dir","enc":"A256GCM"}', b"", b"x" * 12, b"y", b"z" * 16))
NO_UUIDS: list[object] = [
    None, "", " ", 0, 1, 1.5, True, False, [], {}, "null", "None", "*", "%", "../..", "' OR 1=1 --", "a" * 36,
    "00000000-0000-0000-0000", "\uff11\uff12\uff16\uff18c1f0-19f3-47db-aefb-c16a7c3ace6e",
]  # fmt: skip
NO_DATES: list[object] = [
    None, "", "9999999999", "2099-01-01T00:00:00Z", True, False, [], {}, [9999999999], {"at": 9999999999}, "Infinity",
]  # fmt: skip


def hostile_tokens(issuer: Issuer, organization_id: UUID) -> Named:
    """Each bad token, with the name of what is bad about it. All would be for the organization, if they were good."""
    good = issuer.token(issuer.claims(organization_id))
    for family in (_algorithms, _keys, _headers, _times, _audiences, _organizations, _payloads):
        yield from family(issuer, organization_id)
    yield from _spellings(good)
    yield from _cuts(good)


def _algorithms(issuer: Issuer, organization_id: UUID) -> Named:
    """Another algorithm than the deployment's, rightly or wrongly signed."""
    claims = issuer.claims(organization_id)
    nones: list[object] = ["none", "None", "NONE", "nOnE", "NoNe", "", " none", "none\0", "nil", None, 0, [], {}, True]
    for name in nones:
        unsigned = f"{b64(dumps(issuer.header(alg=name)))}.{b64(dumps(claims))}."
        yield f"alg {name!r}, no signature", unsigned
        yield f"alg {name!r}, a signature", issuer.token(claims, issuer.header(alg=name))
        yield f"alg {name!r}, a dot", f"{unsigned}."
    yield "no alg", issuer.token(claims, issuer.header(alg=...))
    yield "a list of algs", issuer.token(claims, issuer.header(alg=[issuer.algorithm]))
    ours = issuer.algorithm
    for alg in (ours.lower(), f"{ours} ", f"{ours}\0", "HS1", "RS1", "dir", "A128KW"):
        yield f"alg {alg!r}", issuer.token(claims, issuer.header(alg=alg))
    for algorithm in ALGORITHMS:
        if algorithm != issuer.algorithm:
            yield f"alg {algorithm}, signed as {issuer.algorithm}", issuer.token(claims, issuer.header(alg=algorithm))
        if algorithm != issuer.algorithm and algorithm.startswith("HS"):
            secret = issuer.key if isinstance(issuer.key, str) else pem(issuer.key)
            yield f"really {algorithm}", compact(issuer.header(alg=algorithm), claims, algorithm, secret)


def _keys(issuer: Issuer, organization_id: UUID) -> Named:
    """A key that is not the deployment's: public keys taken for secrets, empty ones, and strangers' own."""
    claims = issuer.claims(organization_id)
    pairs: list[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = [rsa_key(), ec_key()]
    for pair in pairs:
        text = pem(pair)
        lines = text.strip().split("\n")
        spellings = {
            "PEM": text, "PEM, stripped": text.strip(), "PEM, CRLF": text.replace("\n", "\r\n"),
            "PEM, one line": "".join(lines), "PEM, body": "\n".join(lines[1:-1]), "base64": "".join(lines[1:-1]),
        }  # fmt: skip
        secrets: dict[str, bytes] = {name: spelled.encode() for name, spelled in spellings.items()}
        secrets |= {"DER": der(pair), "DER and a line end": der(pair) + b"\n"}
        for name, secret in secrets.items():
            for algorithm in ("HS256", "HS384", "HS512"):
                token = compact(issuer.header(alg=algorithm), claims, algorithm, secret)
                yield f"{type(pair).__name__} {name} as the secret of {algorithm}", token
            if not isinstance(issuer.key, str):
                lied = issuer.header()
                yield f"{type(pair).__name__} {name} as a secret", compact(lied, claims, "HS256", secret)
    for weak in (b"", b"\0", b"secret", b"null", b"None", b"undefined", b"a secret for tests", b"changeme"):
        header = issuer.header(alg="HS256")
        yield f"the secret {weak!r}", compact(header, claims, "HS256", weak)
        yield f"the secret {weak!r} of another kid", compact({**header, "kid": "/dev/null"}, claims, "HS256", weak)
    for algorithm in ALGORITHMS:
        key = (
            ec_key(algorithm, STRANGER) if algorithm in CURVES
            else "a stranger's secret" if algorithm.startswith("HS") else rsa_key(STRANGER)
        )  # fmt: skip
        yield f"a stranger's {algorithm}", compact(issuer.header(alg=algorithm), claims, algorithm, key)
    for number in range(3):
        empty = "A" * (86 if number == 0 else 43 if number == 1 else 342)
        yield f"a signature of {len(empty)} zeros", f"{b64(dumps(issuer.header()))}.{b64(dumps(claims))}.{empty}"


def _headers(issuer: Issuer, organization_id: UUID) -> Named:
    """Headers that ask for more than to be verified; those with keys of their own are signed with these."""
    claims = issuer.claims(organization_id)
    stranger = rsa_key(STRANGER)
    numbers = stranger.public_key().public_numbers()
    modulus = b64(numbers.n.to_bytes(256, "big"))
    jwk = {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "mine", "alg": "RS256"}
    octets = {"kty": "oct", "k": b64(b"mine")}
    embedded: dict[str, Json] = {
        "jwk": {"jwk": jwk}, "jwk and kid": {"jwk": jwk, "kid": "mine"}, "jku": {"jku": "https://evil.example/keys"},
        "jku to a file": {"jku": "file:///etc/passwd"}, "x5u": {"x5u": "http://127.0.0.1/cert"},
        "x5c": {"x5c": ["MII"]},
    }  # fmt: skip
    for name, members in embedded.items():
        for algorithm in {"RS256", issuer.algorithm} & {"RS256", "RS384"}:
            yield f"{name}, {algorithm}", compact(issuer.header(alg=algorithm, **members), claims, algorithm, stranger)
        yield f"{name}, ours", issuer.token(claims, issuer.header(**members), key=_other(issuer))
    yield "an octet jwk", compact(issuer.header(alg="HS256", jwk=octets), claims, "HS256", b"mine")
    yield "an embedded jwk, well signed", issuer.token(claims, issuer.header(jwk=jwk))
    kids: list[object] = [
        "../../../dev/null", "/dev/null", "x' UNION SELECT 'mine' --", "k" * 4000, "", "\0", "| sleep 10", "é", "🔑",
    ]  # fmt: skip
    for kid in kids:
        yield f"kid {str(kid)[:20]!r}", compact(issuer.header(alg="HS256", kid=kid), claims, "HS256", b"mine")
    for odd in ({"x": 1}, ["x"], 1, None, True):
        yield f"kid {odd!r}, well signed", issuer.token(claims, issuer.header(kid=odd))
    extensions: list[Json] = [
        {"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"crit": "exp"}, {"crit": None},
        {"b64": False},
        {"b64": True}, {"b64": "false"}, {"zip": "DEF"}, {"zip": "GZIP"}, {"crit": ["http://example/x"],
        "http://example/x": 1},
    ]  # fmt: skip
    for extension in extensions:
        yield f"extension {extension}", issuer.token(claims, issuer.header(**extension))
    types: list[object] = [
        "JWE",
        "JWS",
        "secevent+jwt",
        "logout+jwt",
        "dpop+jwt",
        "",
        " JWT",
        "jwt\0",
        1,
        None,
        ["JWT"],
    ]
    for typ in types:
        yield f"typ {typ!r}", issuer.token(claims, issuer.header(typ=typ))
    doubled = [
        f'{{"alg":"none","alg":"{issuer.algorithm}"}}', f'{{"alg":"{issuer.algorithm}","alg":"none"}}',
        f'{{"alg":"{issuer.algorithm}","typ":"JWT","typ":"JWE"}}',
    ]  # fmt: skip
    for text in doubled:
        yield f"header {text}", issuer.token(claims, text.encode(), key=_other(issuer))
    deep = (b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900)
    for bad in (b"", b"{", b"null", b"[]", b'"alg"', b"1", b"\xff\xfe", b"{}", *deep):
        yield f"header {bad[:12]!r} of {len(bad)}", issuer.token(claims, bad)
    nested = issuer.header() | {"deep": json.loads("[" * 200 + "]" * 200)}
    yield "a deep member of the header", issuer.token(claims, nested)


def _other(issuer: Issuer) -> str | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A stranger's key of the kind that the deployment's algorithm takes."""
    match issuer.key:
        case str():
            return "a stranger's secret"
        case rsa.RSAPrivateKey():
            return rsa_key(STRANGER)
        case _:
            return ec_key(issuer.algorithm, STRANGER)


def _times(issuer: Issuer, organization_id: UUID) -> Named:
    """Numbers of seconds that are none, long over, or still to come."""
    claims, now = issuer.claims(organization_id), time.time()
    yield "no exp", issuer.token(issuer.claims(organization_id, exp=...))
    for name in ("exp", "nbf", "iat"):
        for odd in NO_DATES:
            yield f"{name} {odd!r}", issuer.token(claims | {name: odd})
        for literal in ("1e400", "-1e400", "Infinity", "-Infinity", "NaN", "9" * 400, "9" * 5000, "1" + "0" * 4000):
            text = json.dumps(claims | {name: "@"}).replace('"@"', literal).encode()
            yield f"{name} {literal[:12]} of {len(literal)}", issuer.token(text)
    for gone in (-1, 0, -0.0, 1, now - 3600, now - 61, -(10**300), -1e308):
        yield f"exp {gone}", issuer.token(claims | {"exp": gone})
    for name in ("nbf", "iat"):
        for future in (now + 120, now + 10**9, 10**15, 1e308, 10**300):
            yield f"{name} {future}", issuer.token(claims | {name: future})


def _audiences(issuer: Issuer, organization_id: UUID) -> Named:
    """Tokens of and for somebody else, where the deployment says whose they must be; and what is no name at all."""
    for odd in (1, True, {"a": 1}, [1], [None], [["x"]], [issuer.audience, 1], None, 1.5):
        yield f"aud {odd!r}", issuer.token(issuer.claims(organization_id, aud=odd))
    names: list[object] = [1, True, {}, [], ["x"], None, 1.5, [issuer.issuer]]
    for name in names:
        yield f"iss {name!r}", issuer.token(issuer.claims(organization_id, iss=name))
    if issuer.audience:
        right = issuer.audience
        wrong: list[object] = [..., "", "other", right.upper(), f"{right}/", f" {right}", right[:-1], [], ["other"]]
        for audience in wrong:
            yield f"aud {audience!r} for {right}", issuer.token(issuer.claims(organization_id, aud=audience))
    if issuer.issuer:
        right = issuer.issuer
        for other in (..., "", "other", right.upper(), f"{right}/", f" {right}", right[:-1], f"{right}\0"):
            yield f"iss {other!r} for {right}", issuer.token(issuer.claims(organization_id, iss=other))


def _organizations(issuer: Issuer, organization_id: UUID) -> Named:
    """Organization claims that are there and no UUID: never the fallback, and never the next claim."""
    text = str(organization_id)
    odd = [
        *NO_UUIDS, organization_id.hex, f"{{{text}}}", f"urn:uuid:{text}", f" {text}", f"{text}\n", f"{text}\0", [text],
        {"id": text}, text.replace("-", "\u2010"), text[:-1], f"{text}0", int(organization_id),
    ]  # fmt: skip
    for value in odd:
        yield f"org_id {ascii(value)[:60]}", issuer.token(issuer.claims(organization_id, org_id=value))
    for name in ("organization_id", "orgId"):
        for value in (None, "", 1, [text], f"{{{text}}}"):
            yield f"{name} {value!r}", issuer.token(issuer.claims(None, **{name: value}))
    later = issuer.claims(organization_id, org_id="", organization_id=text, orgId=text)
    yield "an empty org_id before good claims", issuer.token(later)
    subjects: list[object] = [1, None, [], {}]
    for subject in subjects:
        yield f"sub {subject!r}", issuer.token(issuer.claims(organization_id, sub=subject))


def _payloads(issuer: Issuer, organization_id: UUID) -> Named:
    """Payloads that are no object of claims."""
    claims = issuer.claims(organization_id)
    deep = [b"[" * 4000, b"[" * 1500 + b"]" * 1500, b'{"a":' * 900 + b"1" + b"}" * 900]
    bad = [b"", b" ", b"null", b"true", b"1", b'"text"', b"[]", b"{", b"{}", b"}", b"\xff\xfe{", b"none", b"{'exp': 1}"]
    for payload in [*bad, *deep]:
        yield f"payload {payload[:12]!r} of {len(payload)}", issuer.token(payload)
    yield "an array of claims", issuer.token([claims])
    yield "UTF-16", issuer.token(json.dumps(claims).encode("utf-16"))
    yield "trailing text", issuer.token(dumps(claims) + b"x")
    yield "two objects", issuer.token(dumps(claims) * 2)
    yield "over 8 KiB", issuer.token(claims | {"padding": "x" * 8192})
    yield "over 1 MiB", issuer.token(claims | {"padding": "x" * 2**20})
    yield "another token's signature", _grafted(issuer, claims | {"org_id": str(uuid4())}, claims)


def _grafted(issuer: Issuer, mine: Json, theirs: Json) -> str:
    signed, _, _ = issuer.token(mine).rpartition(".")
    return f"{signed}.{issuer.token(theirs).rpartition('.')[2]}"


def _spellings(good: str) -> Named:
    """A good token, written otherwise."""
    head, body, sign = good.split(".")
    for name, mark in {
        "a blank": " ", "a tab": "\t", "NUL": "\0", "a newline": "\n", "CRLF": "\r\n", "=": "=", "==": "==",
        "!": "!", "%00": "%00",
        "~": "~", "a comma": ",", "a quote": '"', "NBSP": "\xa0", "é": "é", "zero width": "\u200b", "💥": "💥",
        "a dot": ".", "+": "+",
        "/": "/", "A": "A", "AAAA": "AAAA", "; x": "; x", "BOM": "\ufeff",
    }.items():  # fmt: skip
        yield f"{name} behind it", f"{good}{mark}#"
        yield f"{name} in the signature", f"{head}.{body}.{sign[:10]}{mark}{sign[10:]}"
        yield f"{name} in the payload", f"{head}.{body[:10]}{mark}{body[10:]}.{sign}"
        yield f"{name} before the payload", f"{head}.{mark}{body}.{sign}"
        if mark.strip(" "):
            yield f"{name} at the end", f"{good}{mark}"
            yield f"{name} at the beginning", f"{mark}{good}"
    for name, token in {
        "quoted": f'"{good}"', "angled": f"<{good}>", "twice": f"{good}{good}", "two": f"{good} {good}",
        "listed": f"{good},{good}",
        "five parts": f"{good}.x.y", "JWE": JWE,
        "four parts": f"{head}.{body}.x.{sign}", "two parts": f"{head}.{body}", "reversed": good[::-1],
        "upper case": good.upper(),
        "lower case": good.lower(), "no header": f".{body}.{sign}", "no payload": f"{head}..{sign}", "dots": "..",
        "dot": ".",
        "exchanged": f"{body}.{head}.{sign}", "hex": good.encode().hex(), "base64": b64(good.encode()),
        "blank": "", "blanks": "   ",
        "many dots": "." * 9000, "huge": "a" * 10_000, "huge parts": ".".join(["a" * 4000] * 3), "null": "null",
        "undefined": "undefined",
        "a template": "{{token}}", "SQL": "' OR '1'='1", "JSON": '{"org_id":"x"}',
        "full width": "\uff45\uff59\uff2a.\uff41.\uff42", "padded": f"{good}====",
    }.items():  # fmt: skip
        yield name, token


def _cuts(good: str) -> Named:
    """A good token that ends too early, and one with a single character changed in the signature."""
    for length in sorted({*range(1, len(good), max(1, len(good) // 40)), *range(len(good) - 4, len(good))}):
        yield f"cut to {length}", good[:length]
    start = good.rindex(".") + 1
    for position in [start, start + 1, (start + len(good)) // 2, len(good) - 2, len(good) - 1]:
        for replacement in ("A", "B", "_"):
            if good[position] != replacement:
                yield f"{replacement} at {position}", good[:position] + replacement + good[position + 1 :]
