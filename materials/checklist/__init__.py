"""The checklist: for every material a case demands, how it is supplied without asking the applicant (DESIGN 8)."""
