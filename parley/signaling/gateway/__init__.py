"""The gateway: pages, HTTP API and WebSocket. It authenticates, translates and relays; rooms live on media nodes."""
