"""The canonical core: plain Python, no dialect, no database, no clock."""
