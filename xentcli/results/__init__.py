"""What each command found: frozen values, never rounded, that renderers show and programs read."""
