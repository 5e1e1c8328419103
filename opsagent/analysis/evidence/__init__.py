"""What was seen, as facts with a source; each fact is computed once."""
