"""Passwords on command lines that only the program gives away: `redis-cli -a …`, `mongosh -p …`, `curl -u user:…`."""

import re
from collections.abc import Iterable, Sequence

from opsagent.redact.mark import PLACEHOLDER, Mark, has_one, replace_group

# Program → its flag whose next word is a password.
_FLAGS: dict[str, str] = {
    **dict.fromkeys(("redis-cli", "redis-benchmark", "valkey-cli", "keydb-cli"), "-a"),
    **dict.fromkeys(("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"), "-p"),
    **dict.fromkeys(("ldapsearch", "ldapwhoami", "ldapadd", "ldapmodify"), "-w"),
    **dict.fromkeys(("sqlcmd", "bcp"), "-P"),
    **dict.fromkeys(("sshpass", "cqlsh"), "-p"),
}
# Of these the password stands right behind the flag; apart from it, it would be another word.
_GLUED = frozenset(
    {"mysql", "mysqldump", "mysqladmin", "mysqlcheck", "mariadb", "mariadb-dump", "mariadb-admin", "sshpass"}
)
_LOGINS = ("docker", "podman", "helm", "crane", "oras", "skopeo", "nerdctl", "buildah")
_GAP = r"[\s\"',\[=]{1,4}"  # between two words, in a shell or in a printed list
_VALUE = r"(?![$<\-])([^\s\"',\]]{1,256}+)"

_CURL_USER = re.compile(r"\bcurl\b[^\n|;]{0,400}?\s(?:-u|--user)[ =]{1,4}[\"']?[^\s:\"']{1,64}+:([^\s\"']{1,256}+)")
_CURL_COOKIE = re.compile(
    r"\bcurl\b[^\n|;]{0,400}?\s(?:-b|--cookie)[ =]{1,4}[\"']?[^\s=\"']{1,64}+=([^\s\"']{1,1024}+)"
)
_BEHIND_FLAG = tuple(
    (
        tuple(program for program, known in _FLAGS.items() if known == flag),
        re.compile(
            rf"(?<![\w.-])(?:{'|'.join(program for program, known in _FLAGS.items() if known == flag)})(?![\w.-])"
            rf"[^\n|;]{{0,400}}?{_GAP}{flag}{_GAP}{_VALUE}"
        ),
    )
    for flag in sorted(set(_FLAGS.values()))
)
_AT_FLAG = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(_GLUED))})(?![\w.-])[^\n|;]{{0,400}}?{_GAP}-p{_VALUE}")
_LOGIN = re.compile(
    rf"(?<![\w.-])(?:{'|'.join(_LOGINS)})(?![\w.-])[^\n|;]{{0,40}}?{_GAP}login(?![\w.-])[^\n|;]{{0,400}}?{_GAP}-p{_GAP}{_VALUE}"
)
_USER_AND_PASSWORD = re.compile(
    rf"(?<![\w.-])rabbitmqctl(?![\w.-])[^\n|;]{{0,100}}?{_GAP}(?:authenticate_user|add_user|change_password){_GAP}"
    rf"[^\s\"',]{{1,128}}+{_GAP}{_VALUE}"
)


def hide_in_commands(text: str, mark: Mark) -> str:
    """Return `text` with the passwords of known programs' command lines replaced."""
    if "curl" in text:
        text = replace_group(_CURL_USER, text, "password", mark)
        text = replace_group(_CURL_COOKIE, text, "cookie", mark)
    for programs, pattern in _BEHIND_FLAG:
        if has_one(text, programs):
            text = replace_group(pattern, text, "password", mark)
    if "mysql" in text or "mariadb" in text or "sshpass" in text:
        text = replace_group(_AT_FLAG, text, "password", mark)
    if "login" in text and has_one(text, _LOGINS):
        text = replace_group(_LOGIN, text, "password", mark)
    if "rabbitmqctl" in text:
        text = replace_group(_USER_AND_PASSWORD, text, "password", mark)
    return text


def passwords_in(words: Sequence[object], before: Iterable[object] = ()) -> dict[int, int]:
    """Return place and beginning of each password among a command's words; `before`: words that come before these."""
    program, found = "", dict[int, int]()
    for word in before:
        program = _program(word) or program
    for place, word in enumerate(words):
        program = _program(word) or program
        if not isinstance(word, str) or not program or PLACEHOLDER.search(word):
            continue
        behind = words[place - 1] if place else None
        if behind == _FLAGS.get(program, " ") and not word.startswith(("-", "$")):
            found[place] = 0
        elif program in _GLUED and word.startswith("-p") and len(word) > 2 and word[2] != "$":
            found[place] = 2
    return found


def _program(word: object) -> str:
    name = word.rpartition("/")[2] if isinstance(word, str) else ""
    return name if name in _FLAGS or name in _GLUED else ""
