"""Programmes (免申即享) as data files, one each; `materials.automatic.entitled` reads them."""
