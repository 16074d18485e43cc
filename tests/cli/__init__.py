"""Tests of the command line: arguments, exit code, standard output and standard error together."""
