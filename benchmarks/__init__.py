"""Benchmarks of dynemu: see README.md in this directory."""
