-- One schema for SQLite and PostgreSQL: TEXT ids, BIGINT milliseconds since 1970,
-- JSON documents as TEXT. Times: 0 = none; next_at NULL = nothing to do.

-- +goose Up

-- What Slack delivered and we acknowledged, each once.
CREATE TABLE wishes (
    id          TEXT   NOT NULL PRIMARY KEY,
    dedupe_key  TEXT   NOT NULL UNIQUE, -- identity of what the person did
    received_at BIGINT NOT NULL,
    body        TEXT   NOT NULL,        -- JSON of Wish
    next_at     BIGINT,                 -- NULL: dealt with and answered
    lease_token TEXT   NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX wishes_due ON wishes (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE requests (
    id           TEXT   NOT NULL PRIMARY KEY,
    version      BIGINT NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('received', 'rejected', 'pending', 'denied', 'cancelled',
                                                  'expired', 'approved', 'executing', 'done', 'failed')),
    workfront_id TEXT   NOT NULL DEFAULT '', -- '' until looked up
    created_at   BIGINT NOT NULL,
    body         TEXT   NOT NULL,            -- JSON of request.Request
    next_at      BIGINT,                     -- when it wants attention; NULL: only a person can go on
    lease_token  TEXT   NOT NULL DEFAULT '',
    lease_until  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX requests_due ON requests (next_at) WHERE next_at IS NOT NULL;
-- At most one open request for a Workfront user.
CREATE UNIQUE INDEX requests_open ON requests (workfront_id)
    WHERE state IN ('pending', 'approved', 'executing') AND workfront_id <> '';

-- Appended, never changed.
CREATE TABLE decisions (
    request_id TEXT   NOT NULL REFERENCES requests (id),
    seq        BIGINT NOT NULL, -- 1, 2, … within the request
    kind       TEXT   NOT NULL CHECK (kind IN ('approve', 'deny', 'cancel', 'retry')),
    slack_id   TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    comment    TEXT   NOT NULL,
    PRIMARY KEY (request_id, seq)
);

-- Appended, never changed; each entry holds the hash of the one before.
CREATE TABLE audit (
    seq        BIGINT NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    request_id TEXT   NOT NULL, -- '' for what concerns no request
    kind       TEXT   NOT NULL,
    actor      TEXT   NOT NULL, -- Slack user id, or wfbot
    detail     TEXT   NOT NULL, -- JSON object of strings
    prev       TEXT   NOT NULL,
    hash       TEXT   NOT NULL
);
CREATE INDEX audit_request ON audit (request_id, seq);

-- The last entry; locked last by every transaction that appends.
CREATE TABLE audit_head (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- +goose Down
DROP TABLE audit_head;
DROP TABLE audit;
DROP TABLE decisions;
DROP TABLE requests;
DROP TABLE wishes;
