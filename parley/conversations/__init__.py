"""Accounts, conversations, meetings and messages: the lasting facts."""
