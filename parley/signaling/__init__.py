"""The gateway, the Room actor and the composition root: where the packages meet."""
