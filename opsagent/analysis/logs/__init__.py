"""Log text: its digest, and what it reports about the cause."""
