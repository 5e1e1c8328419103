"""The translations: `ko/LC_MESSAGES/opsagent.po` is written by hand, the `.mo` beside it is compiled from it."""
