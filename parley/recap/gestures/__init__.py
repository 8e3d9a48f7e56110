"""Gestures: hands in camera pictures, and what they say. Only label, time and person ever leave this package."""
