"""Documents made from templates (系统生成), every value traceable to where it came from."""
