"""Films of a recording: the reel, single clips, and the whole meeting composed into one picture.

A film is planned (`layout.py` says who is shown when), rendered in pieces that survive a crash (`piece.py`, from
`media_reader.py` and `sound.py`, drawn by `cards.py`), and joined into one MP4 (`joining.py`). `films.py` is what
others call.
"""
