"""How do machines leave a host and come to one, on disk? Several at once, measured beforehand, gone on with after."""
