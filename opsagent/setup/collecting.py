"""How samples of /stats are collected between diagnoses: a trend, and the success share, need them."""

COLLECTING = "* * * * * opsagent stats >/dev/null 2>&1"
