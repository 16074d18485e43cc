"""From blocks of columns to what the core takes: labels as classes, scores, weights, keys."""
