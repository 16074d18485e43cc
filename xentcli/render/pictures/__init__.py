"""Pictures as SVG: one module a kind, each a function from what is drawn to the text of a file."""
