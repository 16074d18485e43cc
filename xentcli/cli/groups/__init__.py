"""The groups of options that commands share."""
