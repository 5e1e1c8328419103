"""Kubernetes objects: the API's own JSON read defensively, joined, and judged."""
