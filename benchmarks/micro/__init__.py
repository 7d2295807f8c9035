"""The compiled modules, call by call: compiled, as plain sources, and against straightforward Python.

python -m benchmarks.micro [module ...]
"""
