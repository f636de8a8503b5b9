-- Several people in one command, and the Home tab.

-- +goose Up

ALTER TABLE requests ADD COLUMN email TEXT NOT NULL DEFAULT '';        -- as asked for, lower case
ALTER TABLE requests ADD COLUMN requester_id TEXT NOT NULL DEFAULT ''; -- Slack user id
ALTER TABLE requests ADD COLUMN batch_id TEXT NOT NULL DEFAULT '';     -- '': of none
ALTER TABLE requests ADD COLUMN batch_position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requests ADD COLUMN step TEXT NOT NULL DEFAULT '';         -- what is due at next_at; '': not known
CREATE INDEX requests_email ON requests (email, created_at);
CREATE INDEX requests_requester ON requests (requester_id, created_at);
CREATE INDEX requests_user ON requests (workfront_id, created_at);
CREATE INDEX requests_batch ON requests (batch_id, batch_position) WHERE batch_id <> '';

CREATE TABLE batches (
    id          TEXT   NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    body        TEXT   NOT NULL, -- JSON of request.Batch
    next_at     BIGINT,
    lease_token TEXT   NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX batches_due ON batches (next_at) WHERE next_at IS NOT NULL;

-- People who have looked at the Home tab lately. It is drawn again when the audit
-- trail has gone on since.
CREATE TABLE homes (
    user_id     TEXT   NOT NULL PRIMARY KEY, -- Slack user id
    opened_at   BIGINT NOT NULL,
    shown       BIGINT NOT NULL,             -- number of the newest audit entry it shows; -1: nothing
    next_at     BIGINT NOT NULL,             -- not drawn again before
    failures    BIGINT NOT NULL DEFAULT 0,   -- in a row
    lease_token TEXT   NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE homes;
DROP TABLE batches;
DROP INDEX requests_batch;
DROP INDEX requests_user;
DROP INDEX requests_requester;
DROP INDEX requests_email;
ALTER TABLE requests DROP COLUMN step;
ALTER TABLE requests DROP COLUMN batch_position;
ALTER TABLE requests DROP COLUMN batch_id;
ALTER TABLE requests DROP COLUMN requester_id;
ALTER TABLE requests DROP COLUMN email;
