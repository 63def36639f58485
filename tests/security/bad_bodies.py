"""Bodies that are no JSON object, by what they are, with the headers that go with them."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

Json = dict[str, Any]
Sent = tuple[bytes, dict[str, str]]
JSON_TYPE = {"Content-Type": "application/json"}
MIB = 2**20


def malformed(good: Json) -> dict[str, bytes]:
    """Bodies that say they are JSON, and are none. ``good`` is what would be taken."""
    text = json.dumps(good)
    first = json.dumps(next(iter(good)))
    return {
        "a brace": b"{", "two braces": b"}{", "cut": text[:-1].encode(), "cut in a name": text[:4].encode(),
        "text": b"hello", "blank": b" ",
        "two objects": text.encode() * 2, "trailing text": text.encode() + b"x",
        "a trailing comma": text[:-1].encode() + b",}",
        "single quotes": text.replace('"', "'").encode(), "no quotes": text.replace('"', "").encode(),
        "a comment": b"/**/" + text.encode(),
        "a form": b"action=book&org_id=1", "XML": b"<x/>", "HTML": b"<!doctype html>", "YAML": b"action: book",
        "NUL": b"\0",
        "a NUL behind": text.encode() + b"\0", "NULs before": b"\0\0" + text.encode(),
        "a control in a text": b'{"action": "a\nb"}',
        "NaN": text[:-1].encode() + b', "x": NaN}', "Infinity": text[:-1].encode() + b', "x": Infinity}',
        "-Infinity": text[:-1].encode() + b', "x": -Infinity}', "hex": text[:-1].encode() + b', "x": 0x10}',
        "octal": b'{"x": 010}',
        "a plus": b'{"x": +1}', "a bare dot": b'{"x": .5}',
        "10**5000": text[:-1].encode() + b', "x": 1' + b"0" * 5000 + b"}",
        "a bad escape": rb'{"x": "\x41"}', "a short escape": rb'{"x": "\u12"}', "deep arrays": b"[" * 30_000,
        "True": b"True", "None": b"None",
        "closed deep arrays": b"[" * 20_000 + b"]" * 20_000, "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "depth in a field": text[:-1].encode() + b', "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        "undefined": b"undefined",
        "UTF-16": text.encode("utf-16"), "UTF-16-LE": text.encode("utf-16-le"), "UTF-16-BE": text.encode("utf-16-be"),
        "UTF-32": text.encode("utf-32"), "a BOM": b"\xef\xbb\xbf" + text.encode(),
        "Latin-1": '{"x": "é"}'.encode("latin-1"),
        "broken UTF-8": b'{"x": "\xc3\x28"}', "an overlong slash": b'{"x": "\xc0\xaf"}',
        "half a character": b'{"x": "\xf0\x9f\x94"}',
        "a raw surrogate": b'{"x": "\xed\xa0\x80"}', "gzip": gzip.compress(text.encode()),
        "deflate": zlib.compress(text.encode()),
        "a name twice": f"{{{first}: null, {text[1:]}".encode(),
        "a name twice, the good first": f"{text[:-1]}, {first}: null}}".encode(),
        "a name twice inside": text[:-1].encode() + b', "x": {"a": 1, "a": 2}}',
        "a name twice, escaped": b'{"a": 1, "\\u0061": 2}',
    }  # fmt: skip


NO_OBJECTS = {
    "an array": b"[]", "an array of objects": b"[{}]", "a text": b'"book"', "a number": b"1", "null": b"null",
    "true": b"true", "empty": b"",
    "a float": b"1.5", "an empty object": b"{}", "a huge number": b"1e999", "an empty text": b'""',
    "deep enough": b"[" * 200 + b"]" * 200,
}  # fmt: skip

NO_JSON_TYPES = [
    "", " ", "text/plain", "text/json", "text/html", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "*/*",
    "application/jsonp", "application/json2", "application", "json", "application/ json", "application/xml",
    "application/octet-stream",
    "application/json, text/plain", "application/json\x7f", "image/png", "application/x-json", "application/json/x",
]  # fmt: skip


async def in_chunks(content: bytes, size: int = 4096) -> AsyncIterator[bytes]:
    """Send without saying how much it will be."""
    for start in range(0, len(content), size):
        yield content[start : start + size]
