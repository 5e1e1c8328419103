"""What holds for every test."""

import signal

from hypothesis import HealthCheck, settings

# Speed is measured by the benchmarks and never asserted as a time; the same examples every time, on every machine.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# A script's background job ignores these, and so would the processes that tests start and interrupt.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _usual)
