"""The gateway, the rooms and the composition root: where the packages meet."""
