"""Pre-fill (智能预填): an item's form, every field with where its value came from."""
