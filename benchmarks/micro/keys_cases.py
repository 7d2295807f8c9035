"""dynemu._core.keys against a join of encoded parts."""

from struct import pack
from typing import Any

from benchmarks.micro.items import order
from benchmarks.micro.numbers_cases import plain_encode
from benchmarks.micro.timing import Cases
from dynemu._core.keys import KeyCodec, successor
from dynemu._core.spreading import spread
from dynemu.model import KeyAttribute

ID = (256).to_bytes(4, "big")


def plain_part(item: dict[str, Any], name: str, tag: str) -> bytes | None:
    value = item.get(name)
    if value is None or tag not in value:
        return None
    if tag == "N":
        return plain_encode(value["N"])
    raw: bytes = value[tag].encode()
    return raw.replace(b"\x00", b"\x00\xff") + b"\x00\x00" if 0 < len(raw) <= 2048 else None


def plain_encode_key(item: dict[str, Any], parts: tuple[tuple[str, str], ...]) -> bytes | None:
    encoded = [plain_part(item, name, tag) for name, tag in parts]
    if None in encoded:
        return None
    joined = b"".join([part for part in encoded if part])
    return ID + pack(">I", spread(encoded[0] or b"")) + joined


def plain_decode_key(row_key: bytes, names: tuple[str, ...]) -> dict[str, Any]:
    raw = [part.replace(b"\x00\xff", b"\x00").decode() for part in row_key[8:].split(b"\x00\x00")]
    return {name: {"S": text} for name, text in zip(names, raw, strict=False)}


def cases() -> Cases:
    """Return the calls to compare."""
    item = order()
    attribute = {
        name: KeyAttribute(name, "N" if name == "age" else "S") for name in ("pk", "sk", "age", "name")
    }
    table = KeyCodec(ID, (attribute["pk"],), (attribute["sk"],))
    plain = KeyCodec(ID, (attribute["pk"],), ())
    numbered = KeyCodec(ID, (attribute["pk"],), (attribute["age"],))
    index = KeyCodec(ID, (attribute["name"],), (attribute["age"],), table)
    row_key = table.encode(item) or b""
    partition = [{"S": "user#12345"}]
    in_index = (("name", "S"), ("age", "N"), ("pk", "S"), ("sk", "S"))
    return {
        "encode S": (lambda: plain.encode(item), lambda: plain_encode_key(item, (("pk", "S"),))),
        "encode S + S": (
            lambda: table.encode(item),
            lambda: plain_encode_key(item, (("pk", "S"), ("sk", "S"))),
        ),
        "encode S + N": (
            lambda: numbered.encode(item),
            lambda: plain_encode_key(item, (("pk", "S"), ("age", "N"))),
        ),
        "encode index row": (lambda: index.encode(item), lambda: plain_encode_key(item, in_index)),
        "hash_prefix": (
            lambda: table.hash_prefix(partition),
            lambda: plain_encode_key({"pk": partition[0]}, (("pk", "S"),)),
        ),
        "decode S + S": (lambda: table.decode(row_key), lambda: plain_decode_key(row_key, ("pk", "sk"))),
        "successor": (lambda: successor(row_key), lambda: row_key[:-1] + bytes([row_key[-1] + 1])),
    }
