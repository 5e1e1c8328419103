"""Secrets that are given away by the name in front of them: key=value, JSON, YAML, flags, headers, cookies.

A head (name and separator) is searched, then the value behind it is read once and skipped: each character is looked at
a bounded number of times.
"""

import re

from opsagent.redact.mark import PLACEHOLDER, Mark, has_one, replace_group
from opsagent.redact.shapes import is_basic
from opsagent.redact.values import read_value

_NAMES: dict[str, str] = {
    "password": r"pass(?:word|wd|wort|phrase|code)|pwd|(?:[_.-]|user|db|root|admin)pass|requirepass|masterauth"
    r"|(?<![A-Za-z])pw|비밀번호|패스워드|암호|密[码碼]|パスワード|пароль|contraseña|mot de passe|kennwort|senha",
    "secret": r"secrets?|credentials?",
    "token": r"token|csrf|xsrf|(?:[_-])otp",
    "key": r"(?:api|access|account|app|auth|client|consumer|encryption|jwt|license|master|private|secret|service"
    r"|session|shared|signing|ssh|storage|function)[ _.-]?keys?|shared_?access_?signature"
    r"|x-amz-(?:signature|credential)|(?<=[?&])sig|(?:client-)?key-data|dockerconfigjson|tls\.key",
    "session": r"session[_-]?id|(?:j|php|asp)sess(?:ion)?(?:_?id)?|(?:connect\.|[_-])sid",
    "authorization": r"(?:proxy-)?authorization|x-auth",
    "cookie": r"(?:set-)?cookie2?",
}
_ALL = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _NAMES.items())
_HEAD = re.compile(
    rf"{PLACEHOLDER.pattern}|(?:{_ALL})\d{{0,2}}"
    r"(?P<close>\\{0,8}[\"']|%22)?\]?"
    r"(?P<sep>[ \t]{0,8}(?::=|=>|==?|:(?!//))[ \t]{0,8}|%3[ad](?:%2[02]|\+)?|>"
    r"|[\"']?,[ \t]{0,4}(?=[\"'])|[ \t]{1,8}(?=[^\s=:]))",
    re.IGNORECASE,
)
_NAME = re.compile(rf"(?:{_ALL}|(?<![A-Za-z])pass|(?<![A-Za-z])otp)\d{{0,2}}\Z", re.IGNORECASE)
_KINDS = {"authorization": "auth"}  # as the placeholder says it
# Quick words: without one of them there is no head, and most lines have none.
_HINTS = (
    "pass", "pwd", "pw", "secret", "token", "csrf", "xsrf", "otp", "key", "credential", "session", "sess", "sid",
    "authorization", "cookie", "signature", "sig=", "masterauth", "x-auth", "dockerconfig", "비밀번호", "패스워드",
    "암호", "密", "パスワード", "пароль", "contraseña", "mot de passe", "kennwort", "senha",
)  # fmt: skip
_FLAG_BEFORE = re.compile(r"(?:^|[\s\"'=(\[,])--?[A-Za-z][\w.-]{0,64}$|(?:^|[\s\"'=(\[,])--?$")
_TAG_BEFORE = re.compile(r"<[\w.:-]{0,64}$")
_SETS_PASSWORD = re.compile(r"(?:^|\s)$")

_BEARER = re.compile(r"\b(?:bearer|apikey|negotiate)\s{1,4}([A-Za-z0-9._~+/=-]{8,}+)", re.IGNORECASE)
_BASIC = re.compile(r"\bbasic\s{1,4}([A-Za-z0-9+/]{6,}+={0,2})", re.IGNORECASE)
_DOCKER_AUTH = re.compile(r"\\{0,8}\"auth\\{0,8}\"\s{0,4}:\s{0,4}\\{0,8}\"([A-Za-z0-9+/]{6,}+={0,2})\\{0,8}\"")
_IDENTIFIED = re.compile(
    r"\b(?:identified by|with password|set password)\s{0,4}=?\s{0,4}'([^'\n]{1,256})'", re.IGNORECASE
)
# The two lines of a container's environment as YAML or JSON prints them.
_ENV_PAIR = re.compile(
    r"\bname[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?[\w.-]{0,64}?(?:password|passwd|passphrase|pwd|secret|token|api_?key|"
    r"access_?key|private_?key|credentials?)\d{0,2}[\"']?[ \t]{0,4},?\s{0,80}"
    r"[\"']?value[\"']?[ \t]{0,4}:(?=[ \t]{0,4}\S)",
    re.IGNORECASE,
)  # fmt: skip


def hide_named(text: str, mark: Mark) -> str:
    """Return `text` with every value replaced whose name says that it is a secret."""
    lower = text.lower()
    if has_one(lower, _HINTS):
        text = _hide_headed(text, mark)
        if "value" in lower:
            text = _hide_env_pairs(text, mark)
    if "earer" in lower or "apikey" in lower or "negotiate" in lower:
        text = _BEARER.sub(lambda match: _hide_bearer(match, mark), text)
    if "basic" in lower:
        text = _hide_basic(_BASIC, text, mark)
    if '"auth' in lower:
        text = _hide_basic(_DOCKER_AUTH, text, mark)
    if "identified by" in lower or "password" in lower:
        text = replace_group(_IDENTIFIED, text, "password", mark)
    return text


def is_secret_name(name: str) -> bool:
    """Return whether a value under this name (a JSON key, a variable) is a secret."""
    return len(name) <= 256 and _NAME.search(name) is not None


def is_secret_flag(word: str) -> bool:
    """Return whether a command line's word is a flag whose next word is a secret."""
    return word.startswith("-") and "=" not in word and is_secret_name(word)


def _hide_headed(text: str, mark: Mark) -> str:
    done: list[str] = []
    at = searched = 0
    while match := _HEAD.search(text, searched):
        searched = match.end()
        if match.lastgroup is None:
            continue  # a placeholder: nothing in it is a name
        if not _leads_to_value(match, text):
            searched = match.start() + 1
            continue
        kind = next(kind for kind in _NAMES if match[kind])
        found = read_value(text, match.end(), kind=kind, tag=match["sep"] == ">")
        if found:
            start, searched = found
            done += text[at:start], mark(_KINDS.get(kind, kind), text[start:searched])
            at = searched
    return "".join(done) + text[at:]


def _hide_env_pairs(text: str, mark: Mark) -> str:
    done: list[str] = []
    at = searched = 0
    while match := _ENV_PAIR.search(text, searched):
        searched = match.end()
        found = read_value(text, searched, kind="env")
        if found:
            start, searched = found
            done += text[at:start], mark("env", text[start:searched])
            at = searched
    return "".join(done) + text[at:]


def _leads_to_value(match: re.Match[str], text: str) -> bool:
    """Return whether the separator is one: a blank or a comma is it only after a flag, `>` only after `<`."""
    sep = match["sep"]
    before = text[max(0, match.start() - 66) : match.start()]
    if sep == ">":
        return bool(_TAG_BEFORE.search(before))
    if sep.isspace():
        name = match.group()[: -len(sep)].lower()
        if name in ("requirepass", "masterauth"):
            return bool(_SETS_PASSWORD.search(before))
        return bool(_FLAG_BEFORE.search(before)) and not match["close"]
    if "," in sep:
        return bool(_FLAG_BEFORE.search(before))
    return True


def _hide_bearer(match: re.Match[str], mark: Mark) -> str:
    value = match.group(1)
    letters = re.sub("[_-]", "", value)
    if letters.isalpha() and (letters.islower() or letters.istitle() or letters.isupper()) and len(value) < 24:
        return match.group()
    return match.group()[: match.start(1) - match.start()] + mark("bearer", value)


def _hide_basic(pattern: re.Pattern[str], text: str, mark: Mark) -> str:
    def put(match: re.Match[str]) -> str:
        if not is_basic(match.group(1)):
            return match.group()
        whole, start = match.group(), match.start()
        return whole[: match.start(1) - start] + mark("basic", match.group(1)) + whole[match.end(1) - start :]

    return pattern.sub(put, text)
