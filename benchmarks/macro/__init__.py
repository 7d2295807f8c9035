"""dynemu and its peers, driven side by side over HTTP with the same data and the same requests."""
