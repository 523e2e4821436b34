"""Seals: whether what is on the disk is what was written, to the last bit.

What waits for the end of an experiment stands behind its own digest. The files of a finished folder
have theirs in its manifest, and the manifest has its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from errno import ENOTSUP
from pathlib import Path
from typing import Any

#: Bytes of the digest in front of what is sealed.
_SIZE = 32


class Damaged(Exception):
    """What was read is not what was written."""


def sealed(content: bytes) -> bytes:
    """Return a content behind its digest."""
    return hashlib.sha256(content).digest() + content


def unsealed(held: bytes) -> bytes:
    """Return the content of what ``sealed`` made. Raises Damaged if it is not as it was."""
    content = held[_SIZE:]
    if hashlib.sha256(content).digest() != held[:_SIZE]:
        raise Damaged
    return content


def digests_of(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of files in a folder, in hexadecimal digits, by name. Raises OSError."""
    return {name: digest_of(folder / name) for name in names}


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    Raises:
        OSError: it cannot be read, or is no file: a pipe would never end.
    """
    if file.exists() and not file.is_file():
        raise OSError(ENOTSUP, "it is no file")
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def seal_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a JSON object, however it is laid out, its key ``seal`` left out."""
    rest = {key: value for key, value in document.items() if key != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
