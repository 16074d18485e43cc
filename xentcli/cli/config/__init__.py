"""Options whose defaults stand in `[tool.xent]` of a project."""
