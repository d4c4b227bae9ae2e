"""The gate of the house: function names, the words of docstrings, the size of folders and rooms."""
