"""The model's part in a diagnosis: prompts, questions, tool calls, and the checks of its answers."""
