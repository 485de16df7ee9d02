"""Records commands in a real terminal of 80 x 24 and draws each recording as an animated SVG:
`record.py PROGRAM [NAME…]`. The pictures of the README are made by it, from what the program prints.

`--check` records as well, and compares instead of drawing: it fails where a picture ends with other
text than the program prints now. Numbers are not compared, because every run draws its own.
"""

import argparse
import dataclasses
import fcntl
import html
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

import pyte

COLUMNS, ROWS = 80, 24
HERE = pathlib.Path(__file__).parent
# What is typed in each recording; the commands before it prepare the lab and are not shown.
RECORDINGS = {
    "demo": ([], ["demo"]),
    "simulate": (["up"], ["simulate --count 20 --seed 7", "dlq"]),
    "redrive": (["up", "simulate --count 20 --seed 7"], ["redrive", "audit"]),
}

# How much time passes between two frames, at least and at most, and at the end.
SHORTEST, LONGEST, LAST = 0.15, 2.0, 5.0
# The size of a character, and of the frame around the text, in pixels.
WIDTH, HEIGHT, MARGIN = 8.4, 18, 14
COLORS = {
    "black": "#484f58", "red": "#ff7b72", "green": "#3fb950", "brown": "#d29922", "blue": "#58a6ff",
    "magenta": "#bc8cff", "cyan": "#39c5cf", "white": "#b1bac4", "default": "#c9d1d9",
    "brightblack": "#6e7681", "brightred": "#ffa198", "brightgreen": "#56d364", "brightbrown": "#e3b341",
    "brightblue": "#79c0ff", "brightmagenta": "#d2a8ff", "brightcyan": "#56d4dd", "brightwhite": "#f0f6fc",
}
BACKGROUND = "#0d1117"


class Screen(pyte.Screen):
    """A screen that knows dim text, which pyte does not: it is drawn in grey."""

    def select_graphic_rendition(self, *attributes, **options):
        super().select_graphic_rendition(*attributes, **options)
        if 2 in attributes:
            self.cursor.attrs = self.cursor.attrs._replace(fg="brightblack")
        if 22 in attributes and self.cursor.attrs.fg == "brightblack":
            self.cursor.attrs = self.cursor.attrs._replace(fg="default")


@dataclasses.dataclass
class Frame:
    """What the terminal shows, a tuple of spans for each row, and for how many seconds."""

    rows: tuple
    seconds: float


class Recorder:
    """A terminal in which commands are typed, and what it showed."""

    def __init__(self, program, environment):
        self.program, self.environment = program, environment
        self.screen = Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.frames, self.text = [], []

    def type(self, command):
        """Types a command letter by letter, runs it, and shows its output as it comes."""
        self.feed(b"\x1b[1;32m$\x1b[0m ", 0.6)
        for letter in f"orders-lab {command}":
            self.feed(letter.encode(), 0.04)
        self.feed(b"\r\n", 0.3)
        self.run([self.program, *command.split()])
        self.feed(b"\r\n", 1.2)

    def run(self, arguments):
        child, terminal = pty.fork()
        if child == 0:
            os.execve(arguments[0], arguments, self.environment)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        shown = time.monotonic()
        while True:
            ready, _, _ = select.select([terminal], [], [], SHORTEST)
            try:
                output = os.read(terminal, 65536) if ready else b""
            except OSError:
                break
            if ready and not output:
                break
            self.text.append(output)
            self.stream.feed(output)
            now = time.monotonic()
            if now - shown >= SHORTEST:
                self.show(now - shown)
                shown = now
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != 0:
            sys.exit(f"{' '.join(arguments)} ended with {status}:\n{self.plain()}")
        self.show(SHORTEST)

    def feed(self, output, seconds):
        self.stream.feed(output)
        self.show(seconds)

    def show(self, seconds):
        rows = tuple(self.row(number) for number in range(ROWS))
        if self.frames and self.frames[-1].rows == rows:
            self.frames[-1].seconds += seconds
        else:
            self.frames.append(Frame(rows, seconds))

    def row(self, number):
        """The row as spans of one look: (column, text, colour, bold)."""
        spans = []
        for column in range(COLUMNS):
            cell = self.screen.buffer[number][column]
            look = (cell.fg, cell.bold)
            if spans and spans[-1][2:] == look and spans[-1][0] + len(spans[-1][1]) == column:
                spans[-1] = (spans[-1][0], spans[-1][1] + cell.data, *look)
            else:
                spans.append((column, cell.data, *look))
        # Blanks are left out: what follows them has a place of its own.
        return tuple(
            (column + words.start(), words.group(), *look)
            for column, text, *look in spans
            for words in re.finditer(r"\S+(?: \S+)*", text)
        )

    def plain(self):
        return b"".join(self.text).decode(errors="replace")

    def lines(self):
        """The lines of the last screen, with every number replaced by one sign."""
        rows = ["".join(cell.data for _, cell in sorted(self.screen.buffer[row].items())) for row in range(ROWS)]
        return normal(rows)


def normal(rows):
    """Rows without what differs from run to run: numbers, and how wide they are."""
    rows = [re.sub(r"\s+", " ", re.sub(r"[\d.,:]*\d[\da-f-]*", "#", row)).strip() for row in rows]
    return [row for row in rows if row]


def draw(frames):
    """The frames as one SVG. Rows that are alike are drawn once."""
    rows, pictures, begin, keys = {}, [], 0.0, []
    for frame in frames:
        frame.seconds = min(frame.seconds, LONGEST)
    frames[-1].seconds = LAST
    total = sum(frame.seconds for frame in frames)
    wide, high = round(COLUMNS * WIDTH + 2 * MARGIN), ROWS * HEIGHT + 2 * MARGIN
    for number, frame in enumerate(frames):
        uses = []
        for at, row in enumerate(frame.rows):
            if row:
                name = rows.setdefault(row, f"r{len(rows)}")
                uses.append(f'<use href="#{name}" y="{at * HEIGHT}"/>')
        pictures.append(f'<g transform="translate({number * wide})">{"".join(uses)}</g>')
        keys.append(f"{100 * begin / total:.3f}%{{transform:translateX({-number * wide}px)}}")
        begin += frame.seconds
    drawn = "".join(f'<g id="{name}">{"".join(map(span, row))}</g>\n' for row, name in rows.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">\n'
        f"<style>text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}}"
        f".b{{font-weight:bold}}"
        f"#film{{animation:film {total:.2f}s steps(1,end) infinite}}\n@keyframes film{{{''.join(keys)}}}</style>\n"
        f'<defs>\n{drawn}</defs>\n<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>\n'
        f'<svg x="{MARGIN}" y="{MARGIN}" width="{wide - 2 * MARGIN}" height="{high - 2 * MARGIN}">'
        f'<g id="film">\n' + "\n".join(pictures) + "\n</g></svg>\n</svg>\n"
    )


def span(part):
    column, text, color, bold = part
    left, wide = column * WIDTH, len(text) * WIDTH
    look = ' class="b"' if bold else ""
    return (
        f'<text x="{left:.1f}" y="13" fill="{COLORS.get(color, COLORS["default"])}"{look} '
        f'textLength="{wide:.1f}">{html.escape(text)}</text>'
    )


def last_lines(picture):
    """The lines of a picture's last frame."""
    rows = {}
    for name, row in re.findall(r'<g id="(r\d+)">(.*)</g>', picture):
        texts = re.findall(r'x="([\d.]+)"[^>]*>([^<]*)</text>', row)
        line = ""
        for left, text in texts:
            line = line.ljust(round(float(left) / WIDTH)) + html.unescape(text)
        rows[name] = line
    last = picture.rsplit("<g transform=", 1)[1]
    return normal([rows[name] for name in re.findall(r'href="#(r\d+)"', last)])


def record(name, program):
    """Records one of the recordings in a state directory of its own."""
    before, typed = RECORDINGS[name]
    home = tempfile.mkdtemp()
    environment = {"ORDERS_LAB_HOME": f"{home}/lab", "TERM": "xterm-256color", "PATH": os.environ["PATH"],
                   "HOME": home, "LANG": "C.UTF-8", "TZ": "UTC"}
    try:
        for command in before:
            subprocess.run([program, *command.split()], env=environment, check=True, capture_output=True)
        recorder = Recorder(program, environment)
        for command in typed:
            recorder.type(command)
        return recorder
    finally:
        subprocess.run([program, "local", "stop"], env=environment, capture_output=True, check=False)
        shutil.rmtree(home, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("names", nargs="*", choices=[*RECORDINGS, []], metavar="NAME")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    differs = False
    for name in arguments.names or RECORDINGS:
        recorder = record(name, arguments.program)
        picture = HERE / f"{name}.svg"
        if not arguments.check:
            picture.write_text(draw(recorder.frames))
            print(f"{picture.name}: {len(recorder.frames)} frames, {picture.stat().st_size // 1024} KiB")
        elif recorder.lines() != last_lines(picture.read_text()):
            differs = True
            print(f"{picture.name} differs from what the program prints now:\n" + "\n".join(recorder.lines()))
        else:
            print(f"{picture.name}: as the program prints it")
    if differs:
        sys.exit("record the pictures again: docs/pictures/record.py PROGRAM")


if __name__ == "__main__":
    main()
