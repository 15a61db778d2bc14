"""Notebooks run headless, refreshed, checked and reported. Each module imports what is heavy only where it is used."""
