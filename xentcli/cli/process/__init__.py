"""What the command line asks of the process that it runs in: its memory, and files mapped into it."""
