-- The processes that work on the database.

-- +goose Up

CREATE TABLE processes (
    id          TEXT   NOT NULL PRIMARY KEY,
    started_at  BIGINT NOT NULL, -- this and seen_at by the database's clock
    seen_at     BIGINT NOT NULL,
    connections BIGINT NOT NULL  -- to Slack, at most
);

-- +goose Down
DROP TABLE processes;
