"""Whether what a log complains of is over."""
