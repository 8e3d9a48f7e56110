"""Who may enter a meeting and what they may do there. Pure state, no I/O."""
