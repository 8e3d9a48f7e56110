"""Recaps where the packages meet: artefacts and members' changes become what the API tells, and what is downloaded."""
