"""The commands beside ``serve``: ``groups`` names them, ``administered`` is what they work on."""
