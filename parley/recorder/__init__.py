"""From a tap's packets to Matroska files and a timeline that survive the death of any process."""
