"""Secrets that give themselves away by their own shape, whatever stands around them.

Every pattern is either bounded or starts where no other attempt of the same run starts (a look-behind on its own
character class, possessive repeats), so that no text makes it slow.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from itertools import pairwise

from opsagent.redact.mark import Mark, has_one, replace_group

_RUN = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_-][A-Za-z0-9_.-]{15,}+")

_PEM_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"(?:(?:\s|\\[nr]){0,4}+[A-Za-z0-9+/=]{16,}+)*+")
_PEM_REACH = 16_384  # no key is longer; an END further away belongs to another one

# One line of a key on its own: DER begins with MII, OpenSSH's format with its own name in base64.
_KEY_LINE = re.compile(r"(?<![A-Za-z0-9+/=])((?:MII[A-Za-z0-9+/]|b3BlbnNzaC1rZXkt)[A-Za-z0-9+/]{36,}+={0,2})")
_BARE_LINE = re.compile(
    r"^(?:\d{4}-\d\d-\d\dT[\d:.]{8,20}Z? )?(?=[A-Za-z/+]*[0-9+/])(?=[^A-Z\n]*[A-Z])(?=[^a-z\n]*[a-z])"
    r"([A-Za-z0-9+/]{64,76}={0,2})$",
    re.MULTILINE,
)

# What crypt(3), htpasswd and their kin write: guessing goes on offline once it is out.
_HASH = r"\$(?:2[abxy]?\$\d\d|apr1|[156y]|argon2(?:id|i|d))\$[\w./$,=+-]{16,200}+"

_VENDORS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (kind, hints, re.compile(rf"(?<![A-Za-z0-9_-])({pattern})(?![A-Za-z0-9])"))
    for kind, hints, pattern in (
        ("aws-key", ("AKIA", "ASIA", "ABIA", "ACCA"), r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
        ("gcp-key", ("AIza", "ya29.", "GOCSPX-"), r"AIza[\w-]{35}|ya29\.[\w-]{20,}+|GOCSPX-[\w-]{20,}+"),
        (
            "github-token",
            ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
            r"gh[pousr]_[A-Za-z0-9]{30,}+|github_pat_\w{22,}+",
        ),
        ("gitlab-token", ("glpat-", "gldt-", "glrt-"), r"gl(?:pat|dt|rt)-[\w-]{20,}+"),
        ("slack-token", ("xox", "xapp-"), r"xox[a-z]-[\w-]{10,}+|xapp-[\w-]{10,}+"),
        ("stripe-key", ("k_live_", "k_test_", "whsec_"), r"[srp]k_(?:live|test)_[A-Za-z0-9]{10,}+|whsec_[\w+/=]{16,}+"),
        ("npm-token", ("npm_",), r"npm_[A-Za-z0-9]{36}"),
        ("pypi-token", ("pypi-",), r"pypi-[\w-]{32,}+"),
        ("sendgrid-key", ("SG.",), r"SG\.[\w-]{16,}+\.[\w-]{16,}+"),
        ("huggingface-token", ("hf_",), r"hf_[A-Za-z0-9]{30,}+"),
        ("vault-token", ("hvs.", "hvb."), r"hv[sb]\.[\w-]{20,}+"),
        ("digitalocean-token", ("dop_v1_",), r"dop_v1_[a-f0-9]{40,}+"),
        ("telegram-token", (":AA",), r"\d{8,10}:AA[\w-]{32,}+"),
        ("groq-key", ("gsk_",), r"gsk_[A-Za-z0-9]{40,}+"),
        ("grafana-token", ("glsa_", "glc_"), r"glsa_\w{30,}+|glc_[\w+/=]{30,}+"),
        ("shopify-token", ("shpat_", "shpss_", "shppa_"), r"shp(?:at|ss|pa)_[a-f0-9]{32}"),
        ("databricks-token", ("dapi",), r"dapi[a-f0-9]{32}"),
        ("twilio-key", ("SK",), r"SK[a-f0-9]{32}"),
        ("mailgun-key", ("key-",), r"key-[a-f0-9]{32}"),
        ("linear-key", ("lin_api_",), r"lin_api_[A-Za-z0-9]{30,}+"),
        ("doppler-token", ("dp.pt.", "dp.st."), r"dp\.[ps]t\.[\w.]{30,}+"),
        ("password-hash", ("$2", "$1$", "$5$", "$6$", "$y$", "$apr1$", "$argon2"), _HASH),
        ("age-key", ("AGE-SECRET-KEY-",), r"AGE-SECRET-KEY-1[A-Z0-9]{40,}+"),
    )
)
_VENDOR_HINTS = tuple(hint for _, hints, _ in _VENDORS for hint in hints)
# "sk-" may also begin a pod's name: names are lower case with hyphens, keys are mixed or one long run.
_SK = re.compile(
    r"(?<![A-Za-z0-9_-])(sk-(?=[a-z0-9_-]{0,200}[A-Z]|(?:ant-|proj-)?[a-z0-9]{32})[A-Za-z0-9_-]{16,}+)(?![A-Za-z0-9])"
)
_HOOK = re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{12,200})")
_DISCORD = re.compile(r"discord(?:app)?\.com/api/webhooks/(\d{5,25}/[\w-]{20,200})")

_URL_PASSWORD = re.compile(r"(?<=://)[^\s/?#@:\"'<>\[]{0,128}+:([^\s/\"']{1,256})@")
# A slash in a password should be escaped and often is not; "host:80/path" is no password.
_URL_ODD_PASSWORD = re.compile(
    r"(?<=://)[^\s/?#@:\"'<>\[]{0,128}+:(?!\d{1,5}[/?#])(?!<redacted:)([^\s\"'@,]{1,128}+)@(?=[\w\[])"
)
_URL_TOKEN = re.compile(r"(?<=://)([^\s/?#@:\"'<>\[]{20,256}+)@")
_GO_DSN = re.compile(r"(?<![\w.-])[\w.-]{1,64}+:([^\s@/\"']{1,128}+)@(?=(?:tcp|udp|unix)\()")
_ORACLE = re.compile(r"(?<=jdbc:oracle:)(?:thin|oci):[^\s/@\"']{1,64}+/([^\s@\"']{1,128}+)@")

_EMAIL = re.compile(
    r"(?<![\w.%+-])((?!git@)[\w.%+-]{1,254}+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24})(?![\w-])"
)

_DIGITS = re.compile(r"\d{4}[ -]?\d{4}")
_CARD = re.compile(
    r"(?<![\w.+-])(\d{14,16}|\d{4}([ -])\d{4}\2\d{4}\2\d{4}|\d{4}([ -])\d{6}\3\d{4,5})(?![\w-])(?!\.\d)",
)
_CARD_BRANDS = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d|2\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
)
_ID_BEFORE = re.compile(r"(?:trace|span|request|correlation|parent|event)[._-]?id\W{1,4}$", re.IGNORECASE)


def hide_shaped(text: str, mark: Mark) -> str:
    """Return `text` with every secret of a known shape replaced."""
    if "PRIVATE KEY" in text:
        text = _hide_pem(text, mark)
    text = _hide_key_lines(text, mark)
    if "eyJ" in text:
        text = _RUN.sub(lambda match: _hide_jwt(match.group(), mark), text)
    if "@" in text:
        text = _hide_addresses(text, mark)
    if has_one(text, _VENDOR_HINTS):
        for kind, hints, pattern in _VENDORS:
            if has_one(text, hints):
                text = replace_group(pattern, text, kind, mark)
    if "sk-" in text:
        text = replace_group(_SK, text, "api-key", mark)
    if "hooks.slack" in text:
        text = replace_group(_HOOK, text, "slack-token", mark)
    if "/api/webhooks/" in text:
        text = replace_group(_DISCORD, text, "webhook", mark)
    if _DIGITS.search(text):
        text = _CARD.sub(lambda match: _hide_card(match, mark), text)
    return text


def is_basic(value: str) -> bool:
    """Return whether `value` is base64 of `user:password`."""
    try:
        return b":" in a2b_base64(value[:4096] + "=" * (-len(value[:4096]) % 4), strict_mode=True)
    except (Base64Error, ValueError):
        return False


def _hide_pem(text: str, mark: Mark) -> str:
    done: list[str] = []
    at = 0
    ends = _PEM_END.finditer(text)
    end = next(ends, None)
    while begin := _PEM_BEGIN.search(text, at):
        while end and end.start() < begin.end():
            end = next(ends, None)
        near = end is not None and end.start() - begin.end() <= _PEM_REACH
        # Cut off before its end: what still looks like key is taken.
        stop = end.end() if end and near else _stop(_PEM_BODY, text, begin.end())
        done += text[at : begin.start()], mark("private-key", text[begin.start() : stop])
        at = stop
    return "".join(done) + text[at:]


def _stop(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _hide_key_lines(text: str, mark: Mark) -> str:
    if "MII" in text or "b3BlbnNzaC1rZXkt" in text:
        text = replace_group(_KEY_LINE, text, "private-key", mark)
    if len(text) >= 64:
        text = replace_group(_BARE_LINE, text, "private-key", mark)
    return text


def _hide_jwt(run: str, mark: Mark) -> str:
    parts = run.split(".")
    before = 0
    for part, following in pairwise(parts):
        inside = part.find("eyJ")
        if inside >= 0 and len(part) - inside >= 9 and len(following) >= 2:
            token = run[before + inside :].rstrip(".")
            return run[: before + inside] + mark("jwt", token) + "." * (len(run) - before - inside - len(token))
        before += len(part) + 1
    return run


def _hide_addresses(text: str, mark: Mark) -> str:
    if "://" in text:
        text = replace_group(_URL_PASSWORD, text, "password", mark)
        text = replace_group(_URL_ODD_PASSWORD, text, "password", mark)
        text = replace_group(_URL_TOKEN, text, "token", mark)
    text = replace_group(_GO_DSN, text, "password", mark)
    if "jdbc:oracle:" in text:
        text = replace_group(_ORACLE, text, "password", mark)
    return replace_group(_EMAIL, text, "email", mark)


def _hide_card(match: re.Match[str], mark: Mark) -> str:
    digits = re.sub(r"[ -]", "", match.group())
    if not _CARD_BRANDS.fullmatch(digits) or not _luhn(digits):
        return match.group()
    if _ID_BEFORE.search(match.string[max(0, match.start() - 24) : match.start()]):
        return match.group()
    return mark("card", digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
