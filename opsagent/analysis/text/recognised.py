"""Of what kind a text is that somebody gave: a log, or nothing that is known here.

Generous to real logs, strict to noise: a note that mentions an error, a table of another program and random bytes are
no evidence, and what is not evidence can never show that nothing is wrong.
"""

import re
from typing import Literal

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.text.levels import ACCESS, Level, level_of
from opsagent.analysis.text.requests import answer

Kind = Literal["log"]
_HEAD = 400  # characters of a line that are read
_SHARE = 0.02  # of the lines that have to be records
_ODD = 0.1  # of a line that may be no text
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_CLOCK = r"\d\d:\d\d:\d\d"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_STAMPED = re.compile(
    rf"^\W{{0,3}}(?:\S{{1,40}}\s[-\s|]*)?\W{{0,3}}(?:\d{{4}}[-/]\d\d[-/]\d\d[T _]{_CLOCK}"
    rf"|{_MONTH} {{1,2}}\d{{1,2}} {_CLOCK}|\d{{1,2}}[/ -]{_MONTH}[/ -]\d{{4}}[: ]{_CLOCK}"
    rf"|\w{{3}} {_MONTH} {{1,2}}\d{{1,2}} {_CLOCK}|[IWEF]\d{{4}} {_CLOCK}|{_CLOCK}(?:[.,]\d+)?\b"
    rf"|\[ *\d{{1,8}}\.\d{{3,6}}\]|1\d{{9}}(?:\.\d+|\d{{3}})?\b|\d{{8}}[T ]\d{{6}})"
    rf"|^\d+:[MSCX] \d\d \w{{3}} \d{{4}} "
)
_PAIRS = re.compile(r"(?:^|[\s,])[A-Za-z_][\w.-]{0,40}=(?:\"|[^\s=])")
_MEMBER = re.compile(
    r'"(?:level|lvl|severity|log\.level|levelname|msg|message|messagetemplate|ts|time|timestamp|@timestamp'
    r"|\$date|ctx|logger|caller"
    r'|log|err|error|stream|component|auditid|verb|stage|responsestatus|@t|@m|@mt|@l)"\s*:',
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"^\s*(?:Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|at [\w$.<>/]+ ?\(.{1,120}\)"
    r"|at (?:async )?\S+:\d+:\d+|Caused by: \S+|goroutine \d+ \[|panic: |fatal error: "
    r"|thread '[^']*' panicked at|Exception in thread \"|[\w.]*(?:Error|Exception)(?:: |$)"
    r"|Error from server)"
)
# What test runners report of each test and of a run: pytest, go test.
_TESTED = re.compile(
    r"\S::\S+ (?:PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR)\b|^=+ .*\b\d+ (?:passed|failed)\b"
    r"|^\s*--- (?:PASS|FAIL|SKIP): |^ok\s+\S+\s+\d+\.\d+s"
)
# What programs report of themselves without any form.
_PROGRAM = re.compile(
    r"\b(?:listening (?:on|at)|(?:server|service|worker|process|application|container"
    r"|daemon) (?:is )?(?:started|starting|ready|stopped|exited|listening|up and running)\b"
    r"|(?:starting|started|stopping|stopped|initiali[sz]ing|initiali[sz]ed|launching|loading|loaded"
    r"|running|shutting down) (?:the )?[\w./-]{1,40} ?(?:server|service|worker|process|application"
    r"|database|system|module|plugin|on port|v?\d)"
    r"|connect(?:ed|ing) to [\w.:/@-]*[.:/@]|started \w+ in \d|ready for (?:start up|connections)"
    r"|accepting connections"
    r"|(?:exit(?:ed)?(?: with)?|return(?:ed)?) (?:code|status) \d|\bdial tcp\b|: connection refused\b"
    r"|\bHTTP/\d\.\d\b|\bpid[ =:]*\d)",
    re.IGNORECASE,
)
# Figures in the text format of Prometheus, the parts of a health path (readyz?verbose), a start banner's addresses,
# what kubectl did to each object, the containers of docker ps, the file systems of df.
_STATED = re.compile(
    r"^# (?:HELP|TYPE) \w+ |^\[[+-]\]\S+ (?:ok|failed)\b|^[A-Z][\w -]{0,20}:\s+https?://[\w.\[\]:-]+:\d+\b"
    r"|^[a-z][\w.-]*/\S+ (?:created|configured|unchanged|serverside-applied|patched|scaled|restarted)\s*$"
    r"|.{20,}\s(?:Up|Restarting|Exited) (?:\(\d+\) |About )?\w+ \w+(?: ago)?\b|^Filesystem +\S+ +Used +Avail"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_OFTEN, _SENTENCE = 3, 4  # a sentence of so many words that comes so often is a program's


def recognised(text: str, counts: tuple[int, ...] = ()) -> Kind | None:
    """Return of what kind a text is; None where it is not one that is known.

    counts: how often each line was met, where lines that differ only in their numbers were counted as one.
    """
    lines = text.split("\n")
    met = counts if len(counts) == len(lines) else (1,) * len(lines)
    filled = [(line[:_HEAD], count) for line, count in zip(lines, met, strict=True) if line.strip()]
    needed = max(1.0, _SHARE * sum(count for _, count in filled))
    records = 0
    for line, count in filled:
        if _is_record(line, count):
            records += count
            if records >= needed:
                return "log"
    return None


def is_text(text: str) -> bool:
    """Return whether a text is one, and not the bytes of something else."""
    return len(_CONTROL.findall(text)) <= _ODD * len(text)


def _is_record(line: str, count: int) -> bool:
    if not is_text(line) or _is_member(line):
        return False
    if line.lstrip().startswith("{"):
        return len(_MEMBER.findall(line)) >= 2
    if _STAMPED.match(line) or level_of(line) is not Level.NONE or ACCESS.search(line) or _TRACE.match(line):
        return True
    if len(_PAIRS.findall(line)) >= 2 or _PROGRAM.search(line) or answer(line) is not None or _TESTED.search(line):
        return True
    if _STATED.match(line) or builtin().remarks_on("done", line) or builtin().remarks_on("undone", line):
        return True
    return count >= _OFTEN and len(_WORD.findall(line)) >= _SENTENCE


def _is_member(line: str) -> bool:
    """Return whether a line is a part of a document (JSON over several lines): its time and level are data."""
    return re.match(r'\s*"[^"]*"\s*:', line) is not None
