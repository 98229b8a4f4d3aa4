-- Version 2: what computed each result besides its settings, as JSON; empty where that is not known.
ALTER TABLE result ADD COLUMN made_with TEXT NOT NULL DEFAULT '';
