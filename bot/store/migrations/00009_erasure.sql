-- What is done from time to time, and what has been erased.

-- +goose Up

-- By one of the processes each time.
CREATE TABLE duties (
    id            TEXT   NOT NULL PRIMARY KEY,
    due_at        BIGINT NOT NULL,
    lease_token   TEXT   NOT NULL DEFAULT '',
    lease_until   BIGINT NOT NULL DEFAULT 0,
    set_aside_at  BIGINT NOT NULL DEFAULT 0,
    set_aside_why TEXT   NOT NULL DEFAULT ''
);

ALTER TABLE requests ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0; -- 0: it holds what is known of people
CREATE INDEX requests_erasable ON requests (created_at) WHERE erased_at = 0;
CREATE INDEX interactions_received ON interactions (received_at) WHERE due_at IS NULL;

-- +goose Down
DROP INDEX interactions_received;
DROP INDEX requests_erasable;
ALTER TABLE requests DROP COLUMN erased_at;
DROP TABLE duties;
