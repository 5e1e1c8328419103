"""Suspects, who is blamed, what explains what, ranking, confidence."""
