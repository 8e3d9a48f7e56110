"""The plane's inner loops in C, where a compiler was found: the C files do what plane.py does, packet for packet.

`python -m parley.sfu.native.build` compiles it; library.py loads it, or says why not, and then Python does the work.
"""
