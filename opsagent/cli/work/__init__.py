"""What the commands do, one file a command group, imported late."""
