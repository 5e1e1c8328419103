"""What of a line are the program's own words, and what it states that it copes with."""

import re

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.text.levels import Level

# Where others choose the words: names, titles, search terms, user agents, request lines. They accuse nobody.
_CHOSEN = re.compile(
    r"(?P<before>\b(?:(?:if|when|whenever|where) (?:you |we |they |clients? |users? )?(?:see|sees|get|gets|report"
    r"|reports|find|finds)|errors? (?:like|such as)|such as|e\.g\.,?|for example,?|leads? to|named|called"
    r"|field (?:[^\s'\"]\S*|'[^']*'|\"[^\"]*\"):?|looking for|matches|matching|pattern|regex|contains)\s*"
    r"|(?:log[ -]?in|sign[ -]?in"
    r"|authenticat\w*)\s+(?:failed|attempt|failure|rejected|denied)\b[^'\"]{0,40}(?:for|by|from)\s+|"
    r"\b(?:user[ _-]?(?:name|agent)?|title|comment|query|q|search(?:ed)?(?: for| term)?|subject|message from|input"
    r"|referr?er|agent|payload|body|nick(?:name)?|display_name|email)\b\"?\s*[=:]?\s*)"
    # Up to the last quote, for a name may hold some, unless the program's own sentence goes on behind the first one.
    r"(?:'(?P<single>[^']*(?='(?: has exceeded the '\w+' resource| doesn't have a default value)\b)|.*)'"
    r"|\"(?P<double>(?:[^\"\\]|\\.)*)\")",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:request: (?=[A-Z]+ /)|\")(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+(?: HTTP/[\d.]+)?\"?|\b(?:path|uri"
    r"|url|route|endpoint)\"?[=:]\s*\"?/\S*|referrer: \"[^\"]*\"",
    re.I,
)
# A statement is data: PostgreSQL's after "statement:", literals and comments of any other.
_STATEMENT = re.compile(r"(?:\bstatement|\bexecute [^:]{1,40}|\bSTATEMENT|\bQUERY): .*|/\*.*?\*/")
_SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|WITH \w+ AS)\b", re.IGNORECASE)
_LITERAL = re.compile(r"'(?:[^']|'')*'|\s--\s.*")
_PROBE = re.compile(r'"Probe (?:failed|errored)" probeType="?(\w+)"?', re.IGNORECASE)
_PATH = re.compile(r"(?:^|['\"( :=])/[\w.]")


def own_words(text: str) -> str:
    """Blank what users and clients chose, and the data of statements; requests stay."""
    if text.startswith(("# HELP ", "# TYPE ")):
        return ""
    text = _CHOSEN.sub(lambda m: m["before"] + ("''" if m["single"] is not None else '""'), text)
    sql = _SQL.search(text)
    if sql:
        text = text[: sql.start()] + _LITERAL.sub("''", text[sql.start() :])
    return _STATEMENT.sub(_kept, text)


def plain_words(text: str) -> str:
    """Blank what is not the program's own: a log line accuses with the program's own words only.

    Quotes are as they were before they were written into JSON or logfmt, and a probe as the kubelet's events show it.
    """
    words = _REQUEST.sub("request", own_words(text))
    if '\\"' in words:
        words = words.replace('\\"', '"')
    return _PROBE.sub(r"\1 probe failed:", words) if '"Probe ' in words else words


def _kept(found: re.Match[str]) -> str:
    return "" if found[0].startswith("/*") else found[0].partition(":")[0] + ":"


def coped_with(code: str, words: str, level: Level) -> bool:
    """Return whether a line that fits a rule speaks of what the program goes on without, or of a thing of its users."""
    if level <= Level.WARNING and builtin().is_a(code, "needed") and builtin().remarks_on("copes", words):
        return level != Level.NONE
    row = builtin().about(code)
    if "platform" not in row.tags or (row.quotes == "path" and _PATH.search(words)):
        return False
    return builtin().remarks_on("things", words)
