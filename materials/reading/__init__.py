"""Reading documents: text layer first, then OCR; what type a document is, and what stands in its fields (DESIGN 8).

`README.md` tells the life of a reading. Pure parts stand apart: `layout`, `classify`, `values`, `extract` see lines of
text with boxes and do no I/O; `process` is the only place where a stranger's bytes are parsed, in a process of its own.
"""
