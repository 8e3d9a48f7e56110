"""The live side of a meeting on its media node: the Room actor (room.py) and the small objects that it is made of."""
