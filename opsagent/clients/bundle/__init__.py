"""A bundle on disk or in an archive: answers the same calls as the live platform."""
