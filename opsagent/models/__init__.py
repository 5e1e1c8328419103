"""The nouns: frozen records, each documented under its fields."""
