"""Several processes behind one port: each namespace has one, and connections move to it. docs/workers.md.

parent ── forks ── worker ── MovableConnection ── Router ── Owners
                     └ links: connections to other workers     └ claims: the parent decides them
"""
