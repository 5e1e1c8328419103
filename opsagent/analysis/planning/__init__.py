"""Plan, risks, advice, and the effects of an action."""
