"""What is made of a recording: transcript, summary, decisions, action items, highlights, gestures."""
