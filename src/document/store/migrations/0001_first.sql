-- Version 1 of the document file. Files of this version exist, so this text is never changed; later versions add steps.

-- One row: the canvas and what belongs to it, and the next round's prompt and settings.
CREATE TABLE document (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    paper TEXT NOT NULL, -- #rrggbb
    ancestry TEXT NOT NULL, -- JSON list of seeds
    origin_round INTEGER,
    origin_image INTEGER,
    settings TEXT NOT NULL, -- JSON
    model TEXT,
    next_round INTEGER NOT NULL,
    shown_round INTEGER
) STRICT;

-- The canvas' pixels: column and row of a 64 by 64 tile, and its RGB bytes row by row, deflated (zlib).
CREATE TABLE tile (
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    pixels BLOB NOT NULL,
    PRIMARY KEY (x, y)
) STRICT;

-- PNG files by their SHA-256 in lower-case hexadecimal digits.
CREATE TABLE blob (
    hash TEXT PRIMARY KEY NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- What each round was asked for with.
CREATE TABLE round (
    id INTEGER PRIMARY KEY,
    begun INTEGER NOT NULL, -- seconds since 1970
    settings TEXT NOT NULL, -- JSON, with the drawn seed
    model TEXT NOT NULL,
    parent_round INTEGER,
    parent_image INTEGER,
    ancestry TEXT NOT NULL, -- JSON list of seeds
    start TEXT REFERENCES blob (hash), -- NULL: from noise alone
    start_fit TEXT, -- fill, whole or stretch
    start_paper TEXT, -- #rrggbb
    deleted INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Finished pictures.
CREATE TABLE result (
    round INTEGER NOT NULL REFERENCES round (id),
    image INTEGER NOT NULL, -- place in the batch, from 0
    finished INTEGER NOT NULL, -- seconds since 1970
    picture TEXT NOT NULL REFERENCES blob (hash),
    settings TEXT NOT NULL, -- JSON, with the picture's own variation seed
    seed INTEGER NOT NULL,
    model TEXT NOT NULL,
    from_picture INTEGER NOT NULL,
    file TEXT, -- where it was saved besides
    starred INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    deleted INTEGER NOT NULL DEFAULT 0,
    thumbnail BLOB NOT NULL, -- PNG, at most 160 pixels wide and high
    PRIMARY KEY (round, image)
) STRICT;
