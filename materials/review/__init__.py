"""Pre-review (智能预审): an item's check points, evaluated before anybody looks at the case."""
