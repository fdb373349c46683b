"""``python -m runstore`` is the command line."""

from __future__ import annotations

from runstore.cli.main import main

if __name__ == "__main__":
    main()
