-- What is claimed, and what is set aside, is found without looking at the rest: there
-- are ever more requests that have ended.

-- +goose Up

CREATE INDEX requests_claimed ON requests (lease_until) WHERE lease_until > 0;
CREATE INDEX cards_claimed ON cards (lease_until) WHERE lease_until > 0;
CREATE INDEX interactions_claimed ON interactions (lease_until) WHERE lease_until > 0 AND due_at IS NOT NULL;
CREATE INDEX requests_aside ON requests (set_aside_at) WHERE set_aside_at > 0;
CREATE INDEX cards_aside ON cards (set_aside_at) WHERE set_aside_at > 0;
CREATE INDEX interactions_aside ON interactions (set_aside_at) WHERE set_aside_at > 0;

-- +goose Down
DROP INDEX interactions_aside;
DROP INDEX cards_aside;
DROP INDEX requests_aside;
DROP INDEX interactions_claimed;
DROP INDEX cards_claimed;
DROP INDEX requests_claimed;
