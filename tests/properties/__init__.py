"""The laws of the program as properties."""
