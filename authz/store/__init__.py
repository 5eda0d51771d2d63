"""All queries of the package, one module for each group of tables. Statements are constant text, values parameters."""
