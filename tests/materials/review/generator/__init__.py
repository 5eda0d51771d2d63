"""The labelled set for reviews: cases of every item, clean or with one seeded error for one check point.

Pages are set with the means of the second generator (`tests.materials.reading.generator`: its sheets, fonts and wear),
which shares nothing with what the exchange itself prints; the layouts and words here are the set's own. Values are
drawn from a seed, and clean cases write one thing in several ways: full and half width, 栋 and 幢, 120万元 and 1200000.
Codes come from python-stdnum, people live in the unused division 310199, firms have codes with XX.

Rules and patterns were tuned on seeds below `HELD`; what is reported is of seeds above it.
"""

HELD = 700_000
