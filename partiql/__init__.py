"""PartiQL as DynamoDB speaks it: ``parse`` a statement into the nodes of ``partiql.ast``."""
