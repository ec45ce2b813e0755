"""Names of places, with their size and where they are: a bundled gazetteer."""
