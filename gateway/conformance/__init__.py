"""What every adapter is held to, a stranger's as well: laws, examples, and their report."""
