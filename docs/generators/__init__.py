"""One writer per kind of generated page; each has ``pages(root)``, path to text."""
