"""Log text: its digest, and what it says of the cause."""
