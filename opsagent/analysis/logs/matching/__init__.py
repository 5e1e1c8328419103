"""Phrases on records: which known wordings fit."""
