"""From a request to its result: one module a command."""
