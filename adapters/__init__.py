"""One folder per dialect; each translates a provider's wire into the gateway's core and back."""
