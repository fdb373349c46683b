"""Remotes: a workspace is sent to one, and brought back, in pieces that are recognized by what they hold."""
