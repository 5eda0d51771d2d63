"""Questions to the source of a fact (数据核验): what is asked, which source answers, what an answer may look like."""
