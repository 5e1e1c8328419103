"""Settings that validators miss, distinguished from those whose value is of no use, and from data."""

import pytest

from tests.analysis.logs.said import said

_PYDANTIC = """\
Traceback (most recent call last):
  File "/srv/till/__main__.py", line 3, in <module>
    conf = TillConfig()
pydantic.error_wrappers.ValidationError: 1 validation error for TillConfig
bank_url
  {what}
"""
_ZOD = """\
/srv/dist/env.js:14
    throw new ZodError(issues);
    ^

ZodError: [
  {{
    "code": "invalid_type",
    "expected": "string",
    "received": "{received}",
    "path": [
      "{name}"
    ],
    "message": "Required"
  }}
]
    at Object.parse (/srv/dist/env.js:14:11)
"""
_SPRING = """\
APPLICATION FAILED TO START
Description:
Binding to target org.shop.till.BankSettings failed:
    Property: till.bank.url
    Value: "null"
    Reason: must not be {what}
"""
_SOURCE = """\
Traceback (most recent call last):
  File "/srv/till/__main__.py", line 3, in <module>
    WORKERS = {read}
ValueError: invalid literal for int() with base 10: 'many'
"""


_PANIC = 'panic: time: invalid duration "30"\n\ngoroutine 1 [running]:\n{frame}(0x1)\n\t/src/main.go:9 +0x1d\n'


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (_PYDANTIC.format(what="field required (type=value_error.missing)"), "config.missing-env"),
        (_PYDANTIC.format(what="Field required [type=missing, input_value={}, input_type=dict]"), "config.missing-env"),
        (_PYDANTIC.format(what="Input should be a valid integer [type=int_parsing]"), "config.invalid"),
        (_ZOD.format(received="undefined", name="BANK_URL"), "config.missing-env"),
        (_PANIC.format(frame="main.loadConfig"), "config.invalid"),
        (_SPRING.format(what="blank"), "config.missing-env"),
        (_SOURCE.format(read='int(os.environ["TILL_WORKERS"])'), "config.invalid"),
        (_SOURCE.format(read='int(os.getenv("TILL_WORKERS", "4"))'), "config.invalid"),
    ],
)
def test_a_validator_of_settings_states_what_is_wrong_below(log: str, code: str) -> None:
    """Its verdict alone states only that something is."""
    assert said("starting\n" + log)[:1] == [code]


@pytest.mark.parametrize(
    "log",
    [
        _PYDANTIC.replace("TillConfig", "Basket").format(what="Field required [type=missing]"),
        _SOURCE.format(read="int(row[4])"),
        _PANIC.format(frame="main.parseRow"),
        _ZOD.format(received="undefined", name="street"),
    ],
)
def test_data_that_lacks_a_field_is_not_a_setting(log: str) -> None:
    """What users send is validated by the same means."""
    assert not {"config.missing-env", "config.invalid"} & set(said("starting\n" + log))
