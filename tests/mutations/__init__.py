"""Faults that are put into a copy of the project, each alone, to see that the tests notice."""
