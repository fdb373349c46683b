"""Some runs as one HTML file that shows them anywhere: their table, curves, pages, and their points as Parquet.

chosen      which runs
gathered    what the page asks about them, answered beforehand by the feed
curves      their curves, as the frames that the page reads
files       what they logged to be looked at, as much as is asked for
beside      the runs compared
tables      their rows as Parquet, and how they are had again
document    all of it as one file
written     the one door: ``write``
"""
