"""From a result to text. Renderers compute nothing and print nothing."""
