"""What the bytes mean. Opens no file. Described for other implementers in ``docs/format.md``."""

VERSION = 1
"""The format version this code writes. Files of a greater version are refused, never guessed at."""
