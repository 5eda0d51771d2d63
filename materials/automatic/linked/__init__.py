"""Rules by which licences follow another (免申即办), one file each; `materials.automatic.linkrules` reads them."""
