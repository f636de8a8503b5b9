.PHONY: check build test sandbox bench

check: ## everything that CI runs
	.ci/run

build:
	go build ./cmd/wfbot

test:
	go test ./...

sandbox: ## try it, without any account
	go run ./cmd/wfbot sandbox

bench: ## how fast it is; writes docs/BENCH.md
	go test ./bot/bottest/bench -run '^$$' -bench .
	.ci/postgres go run ./bot/bottest/bench -write docs/BENCH.md
