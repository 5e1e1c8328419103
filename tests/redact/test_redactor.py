"""What leaves is gone, what an operator needs stays, and no text makes it slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.redact import Redactor
from opsagent.redact.commands import hide_in_commands
from opsagent.redact.mark import has_one
from opsagent.redact.named import hide_named
from opsagent.redact.redactor import telling_words
from opsagent.redact.shapes import hide_shaped, hide_wordless
from tests.redact.secrets import INNOCENT, JWT, PEM, PLANTED


@pytest.mark.parametrize(("kind", "text", "left"), PLANTED)
def test_planted_secrets_are_gone(kind: str, text: str, left: str) -> None:
    """Each secret is replaced under its kind; the words around it stay."""
    hidden = Redactor()(text)
    assert left not in hidden
    assert f"<redacted:{kind}:1>" in hidden


@pytest.mark.parametrize(("kind", "text", "left"), PLANTED)
def test_planted_secrets_are_gone_from_within_a_line(kind: str, text: str, left: str) -> None:
    """A stamp in front and more text behind change nothing."""
    hidden = Redactor()(f"2026-11-22T12:00:00Z INFO: x\n{text}\n2026-11-22T12:00:01Z ERROR: database is locked\n")
    assert left not in hidden
    assert hidden.endswith("\n2026-11-22T12:00:01Z ERROR: database is locked\n")


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_not_a_secret_survives(text: str) -> None:
    """Digests, UIDs, names, ids, addresses, times and prose come through unchanged."""
    assert Redactor()(text) == text


def test_what_stands_around_a_secret_survives() -> None:
    """Host, user and the other parameters are evidence."""
    redact = Redactor()
    assert redact("postgres://app:hunter2@db:5432/app") == "postgres://app:<redacted:password:1>@db:5432/app"
    assert redact("GET /x?token=abc&y=2 HTTP/1.1") == "GET /x?token=<redacted:token:2>&y=2 HTTP/1.1"
    assert redact('{"token": "abc", "n": 1}') == '{"token": "<redacted:token:2>", "n": 1}'
    assert redact(f"before\n{PEM}\nafter") == "before\n<redacted:private-key:3>\nafter"
    assert redact("amqp://u:p1@h1:5672,amqp://u:p2@h2:5672") == (
        "amqp://u:<redacted:password:4>@h1:5672,amqp://u:<redacted:password:5>@h2:5672"
    )


def test_the_same_value_has_the_same_number() -> None:
    """An operator can show that two lines hold the same secret, whatever the kind, and different ones apart."""
    redact = Redactor()
    assert redact(f"a {JWT}") == "a <redacted:jwt:1>"
    assert redact("password=x1 password=x2 token=x1").split() == [
        "password=<redacted:password:2>",
        "password=<redacted:password:3>",
        "token=<redacted:token:2>",
    ]
    assert redact(f"b {JWT}") == "b <redacted:jwt:1>"


def test_numbers_go_on_in_a_later_process() -> None:
    """The state that is kept holds no value, and gives the same numbers again."""
    first = Redactor()
    first("password=hunter2 password=hunter3")
    state = first.state()
    assert "hunter" not in str(state)
    later = Redactor(state)
    assert later("password=hunter3 password=hunter4") == "password=<redacted:password:2> password=<redacted:password:3>"


def test_numbers_of_two_incidents_do_not_report_each_other() -> None:
    """The hashes are keyed again for each incident: equal secrets do not show across them."""
    one, other = Redactor(), Redactor()
    one("password=hunter2")
    other("password=hunter2")
    assert one.state()["numbers"] != other.state()["numbers"]


def test_forged_placeholders_hide_nothing() -> None:
    """A log line that imitates a placeholder does not smuggle a secret past."""
    redact = Redactor()
    for text in (
        "password=<redacted:hunter2>",
        "password=<redacted:password:hunter2>",
        "password=<redacted:x:1>hunter2",
        "password='<redacted:x:1>hunter2'",
        "<redacted:password=hunter2:1>",
        "http://u:<redacted:x:1>hunter2@h",
    ):
        assert "hunter2" not in redact(text), text


_PIECES = st.sampled_from(
    [text for _, text, _ in PLANTED]
    + list(INNOCENT)
    + [
        "password",
        "token=",
        ": ",
        "=",
        '"',
        "'",
        "\\",
        "\n",
        " ",
        "@",
        "://",
        "<",
        ">",
        "<redacted:jwt:1>",
        "--",
        ",",
        "}",
    ]
    + ["<redacted:", "cookie: ", "Bearer ", "&", ";", "a", "1", "PRIVATE KEY-----", "name: ", "value: ", "|", "\t"]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_redacted_text_stays_as_it_is(text: str) -> None:
    """Whatever is put together, a second pass changes nothing."""
    redact = Redactor()
    once = redact(text)
    assert redact(once) == once


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    """No text raises, and a second pass changes nothing."""
    redact = Redactor()
    once = redact(text)
    assert redact(once) == once


@given(st.text("abcXYZ019._~+-", min_size=6, max_size=40).filter(lambda text: text.strip("x*.-") != ""))
def test_any_quoted_value_of_a_secret_name_goes(value: str) -> None:
    """Whatever the value is made of, its name gives it away."""
    hidden = Redactor()(f'{{"user": "u", "db_password": "{value}", "port": 5432}}')
    assert hidden == '{"user": "u", "db_password": "<redacted:password:1>", "port": 5432}'


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "eyJ_",
        "eyJaaaaaa.",
        "a@",
        "://a:",
        "x:y@tcp(",
        "4111 ",
        "password=",
        'password="',
        "token:no.",
        "token:{",
        '"\\"token\\":',
        "cookie: ",
        "Bearer ",
        "--token ",
        "-----BEGIN PRIVATE KEY-----",
        "name: x_password value:{",
        "mysql -p",
        "redis-cli -a ",
        "sshpass -p$x ",
        "docker login ",
        "rabbitmqctl add_user x ",
        "curl -u ",
        "password: |\n ",
        "\\",
        "secret=&a",
    ],
)
def test_a_long_line_comes_to_an_end(unit: str) -> None:
    """Whatever a line of 200 kB repeats is redacted: at a time that grows with the square it would take minutes."""
    text = unit * (200_000 // len(unit))
    assert Redactor()(text)


PIECES = st.sampled_from(
    ("4111 1111 1111 1111", "010-1234-5678", "ann@example.org", "amqp://u:pw@host/x", "10.244.1.7", "sdk-1f", "GET /a",
     "hvs.CAES", "2026-11-22T12:00:00.123456789Z", "a" * 40, "b.c", " ", "- ", ": ", "1795350909")
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text("019-. @:/aS", max_size=12)), max_size=8))
def test_without_a_telling_word_the_short_way_is_enough(pieces: list[str]) -> None:
    """Where no row's word is in a text, only the shapes without words find anything in it."""
    text = "".join(pieces)
    if has_one(text.lower(), telling_words().words):
        return

    def mark(kind: str, value: str) -> str:
        return f"<redacted:{kind}:{len(value)}>"

    assert hide_wordless(text, mark) == hide_in_commands(hide_named(hide_shaped(text, mark), mark), mark)


def test_an_address_in_front_of_a_number_hides_nothing_of_it() -> None:
    """Half of all lines hold an IPv4 address and no number to hide; a number behind one is found as before."""
    clean = Redactor()("10.244.1.105 - 10.0.0.7 called 010-9876-5432 about 4111 1111 1111 1111")
    assert "9876" not in clean
    assert "1111" not in clean
    assert "10.244.1.105 - 10.0.0.7 called" in clean
