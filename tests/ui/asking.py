"""Ask one question in the terminal this runs in, and print the answer: the program behind the pty tests."""

import select
import sys
from dataclasses import replace

from opsagent.ui.prompt import RichPrompter
from tests.ui.records import PANEL, PLAN, later


def main() -> None:
    """Wait for typed-ahead keys where asked to, then ask."""
    loses_data, typed_ahead = sys.argv[1] == "loses", sys.argv[2] == "ahead"
    panel = PANEL if loses_data else replace(PANEL, plan=replace(PLAN, risks=()))
    if typed_ahead:
        # The line is taken off the terminal's queue by nobody: it is there before the question is.
        print("BUSY", flush=True)
        ready, _, _ = select.select([sys.stdin], [], [], 20)
        print("TYPED" if ready else "NOTHING", flush=True)
    try:
        answer = RichPrompter(now=lambda: later(5)).ask(panel)
    except KeyboardInterrupt:
        print("INTERRUPTED", flush=True)
        return
    print(f"ANSWER {answer.decision} {answer.terminal} {answer.reason}", flush=True)


if __name__ == "__main__":
    main()
