-- Version 3: the canvas after each commit, for time-lapses, within a budget of bytes.

CREATE TABLE step (
    id INTEGER PRIMARY KEY,
    made INTEGER NOT NULL, -- seconds since 1970
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    total INTEGER NOT NULL -- bytes of the tiles of this step and of all before it
) STRICT;

-- The tiles that changed with a step, as in the table tile; all of them with the first one and with a change of size.
CREATE TABLE step_tile (
    step INTEGER NOT NULL REFERENCES step (id),
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    pixels BLOB NOT NULL,
    PRIMARY KEY (step, x, y)
) STRICT;
