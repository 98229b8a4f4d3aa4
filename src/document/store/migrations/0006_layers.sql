-- Version 6 of the document file. Files of this version exist, so this text is never changed; later versions add steps.

-- The layers. The table "tile" holds the picture that they give. A file without layers has one, which is that picture.
CREATE TABLE layer (
    id INTEGER PRIMARY KEY,
    parent INTEGER, -- the group that it is in; NULL for the outermost layers
    place INTEGER NOT NULL, -- in its group, from 0 at the bottom
    kind TEXT NOT NULL, -- pixels or group
    name TEXT NOT NULL,
    properties TEXT NOT NULL, -- JSON: visible, opacity, blend, locked, alpha_locked, clipped, reference
    current INTEGER NOT NULL -- 1 for the layer that is painted on
) STRICT;

-- The pixels of layers: column and row of a 64 by 64 tile, and its RGBA bytes row by row, deflated (zlib). Alpha is
-- straight. Every tile has 64 by 64 pixels, transparent beyond the edge of the canvas; transparent tiles are left out.
CREATE TABLE layer_tile (
    layer INTEGER NOT NULL, -- its id in "layer"
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    pixels BLOB NOT NULL,
    PRIMARY KEY (layer, x, y)
) STRICT;
