"""What is known, as data: codes, phrases, peers and reasons, with one loader."""
