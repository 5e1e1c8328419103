"""What an operator hands over, recognised by its content: kubectl output, manifests, /stats, logs, or a mixture."""
