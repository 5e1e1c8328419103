"""Keep the lines of one traceback together: Python, Java, Node, .NET, Go, and what follows them."""

import re
from collections import deque

from opsagent.analysis.text.stamps import body_of


class LineShape:
    """What a line may be in a traceback, by its own check alone; plain ints, because every new line is asked."""

    PLAIN = 0
    OPENS = 1  # the first line of a traceback
    FRAME = 2  # a frame; without an open traceback, the line before was its head
    INDENTED = 4
    BLANK = 8
    TRAILS = 16  # belongs to a traceback that it follows, though it is at the margin
    IN_TRACE = 31
    SPLITS = 32  # numbers in it carry meaning: check each such line
    LATE_STAMP = 64  # its time is further right than the first bytes
    FRESH = 128  # met inside a traceback only: not yet counted as a line of its own
    GONE = 256  # made room for others


_OPEN = re.compile(
    rb"(?:^|.*[\s:|+])Traceback \(most recent call last\):?$|^panic: |^fatal error: |^goroutine \d+ .*\[|^runtime: "
    rb"|^SIG[A-Z]+: |^thread '.*' (?:\(\d+\) )?panicked at |^PHP Fatal error: |^Unhandled exception\. ",
)
_FRAME = re.compile(
    rb"^\s+at [\w<$.\[\]*/(]|^\s+at async |^\s*\.{3} \d+ (?:more|common frames)|^Caused by: |^Require stack:$"
    rb"|^\s+from \S+:\d+:in "
)
_TRAILS = re.compile(
    rb"^(?:Caused by: |Suppressed: |During handling of the above|The above exception was|\[SQL: |\[parameters: "
    rb"|\(Background on this error|DETAIL: |HINT: |CONTEXT: |LINE \d+: |QUERY: |Process \d+ waits|Require stack:|- /"
    rb"|[}\])]+[,;]?$"
    rb"|Node\.js v\d|Emitted 'error' event|\[signal |created by |exit status \d|goroutine \d+ |--- End of |   --->"
    rb"|rax +0x|Return Value|stack backtrace:|note: run with)"
)
_CHAINS = (b"During handling of the above", b"The above exception was")
_GO = re.compile(rb"^(?:panic|fatal error|goroutine|runtime|SIG[A-Z]+): ?|^goroutine ")
_GO_LINE = re.compile(rb"^(?:\S.*\)$|\S+\(.*|panic: |fatal error: |\t|\s+\S)")
_FIELD = re.compile(rb"^[A-Za-z_][\w.\[\]]{0,60}$")
_ADVICE = re.compile(rb"validation error|^\S*Error: .*:$")
MAX_LINES = 400
_INDENTS = (b" ", b"\t")
# An indented line, bare or behind what is left of a Kubernetes stamp without its digits.
INDENTED = _INDENTS + tuple(
    b"--T::" + rest + stream + indent
    for stream in (b" ", b" stdout F ", b" stderr F ")
    for rest in (b".Z", b"Z", b".+:", b".-:")
    for indent in _INDENTS
)
_ODD = (b"raceback (", b"   -", b" \n", b"\t\n")  # opens another, may trail one, is blank
_SHOWN_WIDTH = 400


# How a line of _OPEN, _FRAME or _TRAILS at the margin begins: of most lines nothing more needs to be asked.
_MARGIN = frozenset(
    b"pan fat gor run SIG thr PHP Unh Cau Req Sup Dur The [SQ [pa "
    b"(Ba DET HIN CON LIN QUE Pro Nod Emi [si cre exi --- rax"
    b" Ret sta not".split(b" ")
) | {b"- /"}  # fmt: skip
_CLOSERS = (b"}", b"]", b")")


def shape_of(line: bytes) -> int:
    """Judge what a line may be in a traceback; called once for each new template."""
    body = body_of(line)
    if not body or body.isspace():
        return LineShape.BLANK
    opens = b"raceback (" in body
    if body.startswith((b" ", b"\t", b"|")):
        shape = LineShape.INDENTED | (LineShape.FRAME if _FRAME.match(body) else LineShape.PLAIN)
        if body.startswith(b"   -") and _TRAILS.match(body):
            shape |= LineShape.TRAILS
    elif body[:3] in _MARGIN or body.startswith(_CLOSERS):
        shape = LineShape.FRAME if _FRAME.match(body) else LineShape.PLAIN
        shape |= LineShape.TRAILS if _TRAILS.match(body) else LineShape.PLAIN
        opens = True
    else:
        shape = LineShape.PLAIN
    return shape | (LineShape.OPENS if opens and _OPEN.match(body[:4000]) else LineShape.PLAIN)


def frames(texts: list[bytes]) -> int:
    """State how many of these lines without digits, from the first on, go on with a traceback whatever it is."""
    n = 0
    for text in texts:
        if not text.startswith(INDENTED):
            break
        n += 1
    run = b"\n".join((*texts[:n], b""))
    if any(odd in run for odd in _ODD):
        return next(n for n, text in enumerate(texts) if any(odd in text for odd in _ODD) or text.endswith(_INDENTS))
    return n


class Trace:
    """One traceback while its lines come in; bounded whatever follows."""

    def __init__(self, first: int, head: bytes | None = None) -> None:
        self.first = first
        self.last = first
        self.stamp = b""
        self.size = 0
        self.head: list[tuple[int, bytes]] = []
        self.telling: list[tuple[int, bytes]] = []  # exception lines and causes, in order
        self.late: deque[tuple[int, bytes]] = deque(maxlen=8)
        self._blanks = 0
        self._chained = False
        self._mode = "frames"
        if head is not None:
            self.add(LineShape.PLAIN, head, body_of(head), first, telling=True)

    def open_with(self, line: bytes, body: bytes, n: int) -> None:
        """Begin with a line that opens a traceback by itself; `body` is the line without a Kubernetes stamp."""
        if body.startswith(b"Traceback "):
            self._mode = "python"
        elif _GO.match(body):
            self._mode = "go"
        elif body.startswith(b"thread '"):
            self._mode = "rust"
        elif body.startswith((b"PHP ", b"Unhandled")):
            self._mode = "margin"
        else:
            self._mode = "group" if body.lstrip().startswith(b"+ ") else "python"
        self.add(LineShape.OPENS, line, body, n, telling=self._mode in ("go", "margin"))

    def takes(self, shape: int, body: bytes) -> bool:
        """Return whether the traceback goes on with this line."""
        if self.size >= MAX_LINES:
            return bool(shape & (LineShape.FRAME | LineShape.INDENTED))
        if shape & LineShape.BLANK:
            self._blanks += 1
            return self._blanks == 1
        blank, self._blanks = self._blanks, 0
        if shape & LineShape.OPENS:
            return self._chained or (self._mode == "go" and bool(_GO.match(body)))
        if blank:
            return self._after_blank(shape, body)
        return self._directly(shape, body)

    def _after_blank(self, shape: int, body: bytes) -> bool:
        if self._mode in ("go", "rust"):
            return bool(shape & LineShape.TRAILS) or body.startswith(b"main.")
        if body.lstrip().startswith(b'File "'):
            self._mode = "python"  # some loggers put an empty line between an exception and what it led to
            return True
        return bool(shape & LineShape.TRAILS) or (self._mode == "group" and bool(shape & LineShape.INDENTED))

    def _directly(self, shape: int, body: bytes) -> bool:
        if shape & (LineShape.INDENTED | LineShape.FRAME | LineShape.TRAILS):
            return True
        if self._mode == "python":
            return True  # the exception itself, at the margin
        if self._mode == "advice":
            return bool(_FIELD.match(body))
        if self._mode == "rust":
            return True
        return self._mode == "go" and bool(_GO_LINE.match(body))

    def room(self) -> int:
        """State how many frames may follow that nothing needs to be known of."""
        return 0 if self._blanks or self._mode == "group" else MAX_LINES - self.size

    def add_frames(self, lines: list[bytes], n: int) -> None:
        """Take frames, the first at line `n`, without a closer check."""
        self.last = n + len(lines) - 1
        self.size += len(lines)
        numbered = list(enumerate(lines, n))
        room = max(0, 4 - len(self.head))
        self.head += numbered[:room]
        self.late.extend(numbered[room:])

    def add(self, shape: int, line: bytes, body: bytes, n: int, *, telling: bool = False) -> None:
        """Take one more line."""
        body = body[:_SHOWN_WIDTH]
        self.last = n
        if not self.size:
            self.stamp = line[:64]
        self.size += 1
        if body.startswith(_CHAINS):
            self._chained = True
        elif shape & LineShape.OPENS and self._chained:
            self._chained, self._mode = False, "python"
        elif self._mode == "python" and not shape & (
            LineShape.INDENTED | LineShape.OPENS | LineShape.BLANK | LineShape.TRAILS
        ):
            telling, self._mode = True, "advice" if _ADVICE.search(body) else "done"
        elif self._tells(shape, body):
            telling = True
        if len(self.head) < 4:
            self.head.append((n, body))
        else:
            self.late.append((n, body))
        if telling and not shape & LineShape.BLANK:
            self.telling.append((n, body))
            if len(self.telling) > 16:
                del self.telling[6]

    def _tells(self, shape: int, body: bytes) -> bool:
        if shape & LineShape.TRAILS or b"Error: " in body or b"Exception: " in body:
            return True
        return self._mode == "advice" or (self._mode == "rust" and self.size == 2)

    def text(self) -> bytes:
        """Write the sample: head, every exception line and cause, the end; what is left out is counted."""
        shown = dict(self.head) | dict(self.telling) | dict(list(self.late)[-6:])
        out: list[bytes] = []
        before = self.first - 1
        for n in sorted(shown):
            if n > before + 1:
                out.append(b"    ... (%d lines left out)" % (n - before - 1))
            out.append(body_of(shown[n])[:_SHOWN_WIDTH])
            before = n
        return b"\n".join(out).rstrip()

    @property
    def verdict(self) -> bytes:
        """Name what distinguishes this traceback from others: its exception lines, else its head."""
        lines = self.telling or self.head[:2]
        return b"\n".join(body for _, body in lines[:8])
