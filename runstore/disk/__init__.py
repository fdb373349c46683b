"""One directory on one machine: append, publish, lock, tail, segment, pack, inventory, capabilities."""
