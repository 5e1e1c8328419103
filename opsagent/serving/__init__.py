"""The ways in beside the command line, and the first minutes: MCP, HTTP, manifests, check-up, first configuration."""
