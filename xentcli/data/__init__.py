"""Reading: from a path to blocks of typed columns, and from columns to the batches the core scores."""
