#!/usr/bin/env python3
"""Packs the inputs that are kept of a fuzz target into one text file, and unpacks them.

    corpus.py unpack TARGET [--written] DIRECTORY   write the inputs to files, one each
    corpus.py pack TARGET DIRECTORY                 replace the found inputs by DIRECTORY's
    corpus.py escape FILE                           print the line for one input

The file is corpus/TARGET.txt. Each line is one input; `corpus.rs` reads it too. Empty lines and
lines that start with `#` are comments. `\\\\`, `\\n`, `\\r`, `\\t` and `\\xNN` stand for bytes. Inputs
above the line FOUND were written by hand: `pack` leaves them alone, and `unpack --written` writes
only them.
"""

import hashlib
import re
import sys
from pathlib import Path

FOUND = "# Found by fuzzing. `fuzz/run keep` replaces what follows."
NAMED = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}
ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|(.))")


def escape(data: bytes) -> str:
    """The bytes as one line of printable ASCII that does not look like a comment."""
    names = {value: "\\" + name for name, value in NAMED.items()}
    last = len(data) - 1

    def one(at: int, byte: int) -> str:
        at_an_end = byte == 0x20 and at in (0, last)
        comment = byte == 0x23 and at == 0
        if 0x20 <= byte < 0x7F and byte != 0x5C and not at_an_end and not comment:
            return chr(byte)
        return names.get(bytes([byte]), f"\\x{byte:02x}")

    return "".join(one(at, byte) for at, byte in enumerate(data))


def unescape(line: str) -> bytes:
    """The bytes that `escape` made a line of."""
    return ESCAPE.sub(
        lambda found: bytes([int(found[1], 16)]) if found[1] else NAMED[found[2].decode()],
        line.encode("ascii"),
    )


def inputs(text: str) -> list[bytes]:
    """The inputs in a part of a packed file."""
    lines = text.split("\n")
    return [unescape(line) for line in lines if line and not line.startswith("#")]


def unpack(packed: Path, written_only: bool, directory: Path) -> None:
    """Writes each input to a file named by its hash, as libFuzzer does."""
    text = packed.read_text("ascii")
    if written_only:
        text = text.partition(FOUND)[0]
    directory.mkdir(parents=True, exist_ok=True)
    for data in inputs(text):
        (directory / hashlib.sha1(data).hexdigest()).write_bytes(data)


def pack(packed: Path, directory: Path) -> None:
    """Replaces the found inputs by those in the directory that were not written by hand."""
    written = packed.read_text("ascii").partition(FOUND)[0]
    found = {file.read_bytes() for file in directory.iterdir()} - set(inputs(written)) - {b""}
    ordered = sorted(found, key=lambda data: (len(data), data))
    packed.write_text("\n".join([written + FOUND, *map(escape, ordered), ""]), "ascii")
    print(f"{packed.stem}: {len(inputs(written))} inputs written by hand, {len(found)} found")


def main(arguments: list[str]) -> None:
    """Runs the command that the arguments name."""
    match arguments:
        case ["unpack", target, *written, directory] if written in ([], ["--written"]):
            unpack(packed_file(target), bool(written), Path(directory))
        case ["pack", target, directory]:
            pack(packed_file(target), Path(directory))
        case ["escape", file]:
            print(escape(Path(file).read_bytes()))
        case _:
            sys.exit(__doc__)


def packed_file(target: str) -> Path:
    """Where a target's inputs are kept."""
    return Path(__file__).parent / "corpus" / f"{target}.txt"


if __name__ == "__main__":
    main(sys.argv[1:])
