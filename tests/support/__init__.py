"""Helpers of the suite: a real server, real browsers, a bad network."""
