"""The WebSocket and HTTP messages, typed once: server and browser both get their types from here."""
