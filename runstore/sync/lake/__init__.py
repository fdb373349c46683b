"""A lake: a remote that is Delta tables and objects on storage everybody can read."""
