"""The page's server: who may ask, what answers, what has changed."""
