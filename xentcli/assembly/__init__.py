"""From inputs to a result: columns settled, parts scored and merged, numbers and notices put together."""
