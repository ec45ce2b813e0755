"""Forms to write records with, made from the shapes."""
