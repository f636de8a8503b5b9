.PHONY: check build test sandbox

check: ## everything that CI runs
	.ci/run

build:
	go build ./cmd/wfbot

test:
	go test ./...

sandbox: ## try it, without any account
	go run ./cmd/wfbot sandbox
