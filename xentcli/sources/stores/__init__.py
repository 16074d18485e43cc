"""Stores of files that are reached over a network; loaded only for a path that is a URI."""
