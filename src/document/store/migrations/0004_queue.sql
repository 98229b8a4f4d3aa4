-- Version 4 of the document file. Files of this version exist, so this text is never changed; later versions add steps.

-- Rounds that wait to be made. What each was asked for with is in its row of "round".
CREATE TABLE queue (
    place INTEGER PRIMARY KEY, -- from 0, in the order in which they are made
    round INTEGER NOT NULL UNIQUE REFERENCES round (id),
    model TEXT NOT NULL, -- JSON: "starter", or {"path": file or folder}
    skipped TEXT NOT NULL, -- JSON list of places in the batch that are not wanted any more
    begun INTEGER NOT NULL -- 1 if it was being made
) STRICT;
