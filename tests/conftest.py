"""What holds for every test."""

from hypothesis import HealthCheck, settings

# Speed is measured by the benchmarks and never asserted as a time; the same examples every time, on every machine.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
