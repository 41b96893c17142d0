"""The Deployment Gateway: one canonical deployment record behind many providers' dialects."""
