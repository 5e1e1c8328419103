"""`python -m opsagent` is the command `opsagent`."""

from opsagent.cli.app import main

if __name__ == "__main__":
    main()
