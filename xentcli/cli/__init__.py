"""The command line: options become a request, the API answers, a renderer writes, the runner exits."""
