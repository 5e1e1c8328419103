"""Readers over several records: what no single line shows."""
