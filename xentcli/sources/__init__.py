"""Bytes to columns: formats, compression, folders, stores and pipes."""
