"""The SFU: transports, producers, consumers and the plane that moves packets between them."""
