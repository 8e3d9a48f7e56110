"""Load generator and benchmarks. Speaks only the public protocol."""
