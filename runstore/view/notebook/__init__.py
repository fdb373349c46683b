"""Runs in a notebook: a live widget over the kernel's own connection, cards of HTML, or text where there is neither."""
