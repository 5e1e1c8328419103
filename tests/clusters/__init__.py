"""Random Kubernetes clusters with at most one known fault (or two), written from Kubernetes' own documentation."""
