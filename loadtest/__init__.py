"""Load generator: light participants that speak only the public protocol, and the measurements made with them."""
