-- Version 5 of the document file. Files of this version exist, so this text is never changed; later versions add steps.

-- One row: how the window looked, as JSON. Nothing depends on it.
CREATE TABLE view (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL
) STRICT;
