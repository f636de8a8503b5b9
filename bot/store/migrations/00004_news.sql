-- What has happened to requests, apart from what people were refused or shown: it
-- decides what "lately" is, and when a Home tab is drawn again.

-- +goose Up

ALTER TABLE requests ADD COLUMN news BIGINT NOT NULL DEFAULT 0; -- number of the newest audit entry that tells what happened to it
UPDATE requests SET news = COALESCE((SELECT MAX(seq) FROM audit
    WHERE request_id = requests.id AND kind NOT IN ('refused', 'details shown')), 0);
CREATE INDEX requests_unended ON requests (created_at DESC, id) WHERE state IN ('received', 'pending', 'approved', 'executing');
CREATE INDEX requests_failed ON requests (created_at DESC, id) WHERE state = 'failed';
CREATE INDEX requests_ended ON requests (news DESC) WHERE state IN ('done', 'denied', 'cancelled', 'expired', 'failed');
DROP INDEX requests_requester;
CREATE INDEX requests_requester ON requests (requester_id, created_at DESC, id);

ALTER TABLE audit_head ADD COLUMN news BIGINT NOT NULL DEFAULT 0; -- the greatest of all requests and batches
UPDATE audit_head SET news = seq;

-- shown is from now on to be compared with audit_head.news.
ALTER TABLE homes ADD COLUMN view TEXT NOT NULL DEFAULT ''; -- hash of what Slack shows; '': not known
CREATE INDEX homes_opened ON homes (opened_at);

-- +goose Down
DROP INDEX homes_opened;
ALTER TABLE homes DROP COLUMN view;
ALTER TABLE audit_head DROP COLUMN news;
DROP INDEX requests_requester;
CREATE INDEX requests_requester ON requests (requester_id, created_at);
DROP INDEX requests_ended;
DROP INDEX requests_failed;
DROP INDEX requests_unended;
ALTER TABLE requests DROP COLUMN news;
