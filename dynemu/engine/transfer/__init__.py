"""Exports, imports and bulk operations: tables to objects in a bucket and back, in slices."""
