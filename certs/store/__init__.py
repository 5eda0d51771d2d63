"""All queries on e-licences and facts of representation, one module a subject."""
