"""Runs and curves in a terminal, live."""
