"""Quality figures of what a recap is made of, one module per stage: `python -m evaluation.NAME`."""
