"""SQL over sealed and live data, summaries, compaction, check."""
