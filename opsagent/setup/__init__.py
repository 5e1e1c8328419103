"""What is used before the first incident: init, doctor, manifests, access."""
