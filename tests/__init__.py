"""The tests; `tests/README.md` says which goes where."""
