"""The stages of a recap, in the order in which people should get them.

A stage is added here; the runner, the command `parley recap` and the jobs know no other list.
"""

from __future__ import annotations

from parley.recap.stages import Graph

STAGES = Graph.of(())
