-- What the database works for.

-- +goose Up

CREATE TABLE binding (
    id        BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    workfront TEXT   NOT NULL, -- host; '': not known yet
    slack     TEXT   NOT NULL  -- id of the workspace; '': not known yet
);
INSERT INTO binding (id, workfront, slack) VALUES (1, '', '');

-- +goose Down
DROP TABLE binding;
