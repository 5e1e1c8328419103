"""Failures that no rule knows: the program's own exception, where it ended or cannot serve by it."""

import re

from opsagent.analysis.catalog.phrase import Verdict, unexplained
from opsagent.analysis.text.levels import BENIGN, FOREIGN, Level, any_of, level_of
from opsagent.analysis.text.own_words import plain_words
from opsagent.models.digest import LogDigest, LogGroup

_ENDED = Verdict("pod.crash-app-error", 0.62, 7, "the program ended by an exception of its own")
_STARTING = Verdict("pod.crash-app-error", 0.6, 7, "the program fails while it starts")
_HINT = unexplained(0.3, "the program reports a failure that no rule knows")
_ENDS = re.compile(
    r"^(?:panic: |fatal error: |Exception in thread \"main\"|Unhandled exception|PHP Fatal error|Node\.js v\d"
    r"|thread 'main'.* panicked"
    r"|.*\bUncaught (?:\w+)?(?:Exception|Error)|terminate called|SIG(?:SEGV|ABRT|BUS)|.*\bSegmentation fault"
    r"|.*\bkernel: .*\bsegfault at [0-9a-f]+ ip "
    r"|.*\bcore dumped|.+ at \S+\.p[lm] line \d+\.?$|\S+\.rb:\d+:in .+ \([\w:]+\)$|npm ERR! code ELIFECYCLE"
    r"|.*\bfatal error has been detected by the |Fatal Python error: |.*\bstack smashing detected|(?:malloc|free"
    r"|realloc|double free)\b.{0,20}(?:\(\)|corrupt)|corrupted (?:size|double-linked)|Fatal glibc error|(?:Bus error"
    r"|Illegal instruction)(?: \(core dumped\))?$"
    r"|.*UnhandledPromiseRejection|.*\bunhandled (?:exception|error|rejection))",
    re.IGNORECASE | re.MULTILINE,
)
_CAUGHT = re.compile(r"\b(?:restarted|caught|handled|contained) ?(?:by\b|$|,|;)", re.IGNORECASE)
_START = re.compile(
    r"APPLICATION FAILED TO START|Application startup failed|(?:failed|unable|error|cannot"
    r"|could not)(?: to)? (?:start|starting|boot|initiali[sz]e) (?:the )?(?:app|application|server|service|container"
    r"|context)"
    r"|Worker failed to boot|startup failed|Error starting (?:app|ApplicationContext)|exit(?:ed"
    r"|ing) (?:with )?(?:code|status) [1-9]",
    re.IGNORECASE,
)
_NEAR_END = 12
_LAST = 3
_EXITED = re.compile(r"(?:exit status|exited with code|exit code:?) [1-9]\d{0,2}$", re.IGNORECASE)
_FAILED = re.compile(
    r"(?<![\w.-])(?:error|exception|fail(?:ed|s|ure)?|fatal|panic|cannot|can't|could not|couldn't|unable|refused"
    r"|denied|undefined"
    r"|invalid|died|abort(?:ed|ing)?|corrupt(?:ed)?)(?![\w-])", re.IGNORECASE,
)  # fmt: skip


def crash_of(log: LogDigest, group: LogGroup) -> tuple[Verdict, int, str] | None:
    """Judge a failure that no rule knows: the rule, the line that shows most, and its text."""
    if group.kind not in ("traceback", "error"):
        return (_HINT, group.first_line, group.text) if _EXITED.match(group.text) else None
    line, text = _verdict(group)
    if group.kind == "error":
        if BENIGN.search(text) or level_of(text) < Level.ERROR:
            last = log.lines - group.last_line < _LAST and _plainly_failed(text)
            quiet = _ENDED if _ended(text) else _HINT if last else None
            return (quiet, line, text) if quiet else None
        return (_STARTING if _START.search(text) else _ENDED if _ended(text) else _HINT), line, text
    if _ENDS.search(group.text) or (_is_last(log, group) and "<module>" in group.text):
        return _ENDED, line, text
    if _is_last(log, group) and log.previous:
        return _ENDED, line, text
    return _HINT, line, text


def _ended(text: str) -> bool:
    return _ENDS.search(plain_words(text)) is not None and not _CAUGHT.search(text)


def _plainly_failed(text: str) -> bool:
    """Return whether a line without a level speaks of a failure in words of its own, not in a name that it holds."""
    failed = _FAILED.search(text) is not None or any_of(FOREIGN, text)
    return failed and level_of(text) == Level.NONE and not BENIGN.search(text)


def _is_last(log: LogDigest, group: LogGroup) -> bool:
    return log.lines - group.last_line <= _NEAR_END and group.count <= 2


def _verdict(group: LogGroup) -> tuple[int, str]:
    lines = group.text.split("\n")
    if group.kind != "traceback":
        return group.first_line, lines[0]
    at, best = group.first_line, (group.first_line, lines[0])
    for text in lines:
        left = re.match(r"^\s*\.\.\. \((\d+) lines left out\)$", text)
        if left:
            at += int(left[1])
            continue
        if text[:1] not in (" ", "\t", "}", "|", "") and not text.startswith(
            ("goroutine ", "Node.js v", "Traceback", "main.")
        ):
            best = (at, text) if not best[1].startswith(("panic: ", "fatal error: ")) else best
        at += 1
    return best
