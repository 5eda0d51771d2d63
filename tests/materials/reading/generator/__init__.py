"""The labelled set for reading documents: pages made from seeds, with what is on them.

It was written before the rules that read (`materials/reading/rules`), and shares nothing with what the exchange itself
prints: its own layouts, other fonts (ZCOOL XiaoWei, Ma Shan Zheng), its own wear (`noise`). Codes get their check
digits from python-stdnum, not from our own checks. Nobody here exists: persons live in the unused division 310199, firms
have codes with XX.

`manifest.json` names every page: its type, seed, form (a PDF with text, or a picture of a page) and split. Rules are
tuned on `dev` only; what is reported is `held`.
"""
