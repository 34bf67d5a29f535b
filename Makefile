# These targets run everything that CI runs. GNU make 3.81 (macOS) is enough; recipes are POSIX sh.
.DEFAULT_GOAL := help
.PHONY: help setup hooks demo test test-unit coverage lint types build chaos bench bench-peers bench-freshness bench-proof test-engines format docs clean e2e-aws lint-terraform lint-workflows lock-providers secrets plan deploy smoke report pictures redrive destroy
MAKEFLAGS += --no-print-directory

BIN := node_modules/.bin
TSX := $(BIN)/tsx
MANIFESTS := package.json pnpm-workspace.yaml pnpm-lock.yaml $(wildcard packages/*/package.json) $(wildcard patches/*)
SOURCES := $(shell find packages/*/src -name '*.ts' -o -name '*.tsx' -o -name '*.css' 2>/dev/null) docs/questions.md scripts/bundle.ts scripts/deploy/environment.ts
INSTALLED := node_modules/.installed
COMMAND := packages/cli/dist/main.mjs
BENCH_OPTIONS = $(if $(ROWS),--rows $(ROWS)) $(if $(LOADS),--loads $(LOADS)) $(if $(OUT),--out $(OUT)) $(if $(COMPARE),--compare $(COMPARE))
PLATFORMS := linux_amd64 linux_arm64 darwin_amd64 darwin_arm64

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) $(COMMAND) ## install the dependencies (Node 20 or newer is enough) and build the totesys command

$(INSTALLED): $(MANIFESTS)
	@node scripts/install.mjs
	@touch $@

$(COMMAND): $(INSTALLED) $(SOURCES)
	@$(TSX) scripts/build.ts commands

demo: setup ## start a source and a warehouse with 50,000 rows, and make five changes that polling loses; KEEP=1 leaves them running
	@node packages/demo/bin/totesys-demo.mjs $(if $(KEEP),--keep)

hooks: ## make Git run make lint before each commit
	@git config core.hooksPath .githooks

test-unit: setup ## run the quick tests, which need no database and no emulator
	@$(TSX) scripts/test.ts --unit

test: setup ## run every test that this machine can run
	@$(TSX) scripts/test.ts

coverage: setup ## measure which lines the tests run, without those on the emulated AWS; fails below the floor
	@$(TSX) scripts/coverage.ts

lint: setup ## check format, lint, import rules and words
	@$(BIN)/biome check .
	@$(TSX) scripts/lint-imports.ts
	@$(TSX) scripts/lint-words.ts

types: setup ## type-check sources and tests
	@$(BIN)/tsc -b

build: setup ## build one byte-reproducible zip for each stage, in build/
	@$(TSX) scripts/build.ts

test-engines: setup ## read both lakes and the Iceberg tables with DuckDB, Polars, pyarrow, pandas, chdb and Spark 3.5 and 4 (Java 17); installs 3 GB from PyPI into build/
	@CI=true ENGINES=all $(TSX) scripts/test.ts --maxWorkers=1 packages/system-tests/test/engines

e2e-aws: setup ## apply terraform/ to an emulated AWS and check that an order reaches the warehouse; TERRAFORM names the program
	@CI=true $(TSX) scripts/test.ts --maxWorkers=2 '\.aws\.test\.ts$$'

lint-terraform: setup ## check format, validity, tests and policies of terraform/
	@$(TSX) scripts/lint-terraform.ts

lint-workflows: setup ## check grammar, rights and pins of .github
	@$(TSX) scripts/lint-workflows.ts

lock-providers: ## write the lock files of terraform/ with the hashes of each platform; needs Terraform's registry
	@for root in terraform terraform/bootstrap; do \
	  $${TERRAFORM:-terraform} -chdir=$$root get && \
	  $${TERRAFORM:-terraform} -chdir=$$root providers lock $(PLATFORMS:%=-platform=%) || exit 1; \
	done

secrets: setup ## store the URLs of source and warehouse in SSM: make secrets ENV=dev asks for them, or reads two lines from stdin
	@$(TSX) scripts/secrets.ts "$(ENV)"

plan: setup ## show what a deployment would change: make plan ENV=dev; PLAN=FILE saves the plan, LOCK=0 needs no right to write
	@$(TSX) scripts/deploy.ts plan "$(ENV)"

deploy: setup ## create or update an environment: make deploy ENV=dev; PLAN=FILE applies that plan, YES=1 does not ask
	@$(TSX) scripts/deploy.ts deploy "$(ENV)"

smoke: setup ## invoke the deployed stages and check their answers: make smoke ENV=dev
	@$(TSX) scripts/smoke.ts "$(ENV)"

report: setup ## write the report of a deployed environment into build/: make report ENV=dev; WAREHOUSE=0 leaves the warehouse out
	@WAREHOUSE="$(WAREHOUSE)" OUT="$(OUT)" $(TSX) scripts/report.ts "$(ENV)"

pictures: setup ## write the pictures of the report in docs/images, with a Chromium
	@PICTURES=1 $(TSX) scripts/test.ts --maxWorkers=1 questions.browser -t pictures

redrive: setup ## invoke transform again with each event in its dead-letter queue: make redrive ENV=dev
	@$(TSX) scripts/deploy.ts redrive "$(ENV)"

destroy: setup ## destroy an environment with its lakes: make destroy ENV=dev; never prod
	@$(TSX) scripts/deploy.ts destroy "$(ENV)"

chaos: setup ## kill each stage between its effects, make its store and databases fail, reconcile; SEEDS=20, or repeat SEED=7 POINT=31
	@node packages/chaos/bin/totesys-chaos.mjs $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(POINT),--point $(POINT)) $(if $(FAULT),--fault $(FAULT)) $(if $(BUCKET),--bucket) \
	  $(if $(HINTS),--hints $(HINTS)) $(if $(QUIET),--quiet) $(if $(ALL),--all)

bench: setup ## measure the first load, ticks and their growth beside what Postgres alone needs; ROWS=2000000 REPEATS=5 COMPARE=FILE
	@node packages/bench/bin/totesys-bench.mjs $(BENCH_OPTIONS) $(if $(REPEATS),--repeats $(REPEATS)) \
	  $(if $(BATCHES),--batches $(BATCHES))

bench-peers: setup ## measure dlt, Sling, ingestr, DuckDB and pg_dump beside this product; installs 600 MB from PyPI into build/; ROWS=1000000
	@node packages/bench/bin/totesys-bench.mjs peers $(BENCH_OPTIONS)

bench-freshness: setup ## measure the time from a commit in the source until the warehouse shows it, beside Debezium and dlt; SECONDS=600 RATE=300 HINTS=off PEERS=debezium,dlt
	@node packages/bench/bin/totesys-bench.mjs freshness $(BENCH_OPTIONS) $(if $(RATE),--rate $(RATE)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(HINTS),--hints $(HINTS)) \
	  $(if $(filter undefined,$(origin PEERS)),,--peers "$(PEERS)")

bench-proof: setup ## measure the hourly proof: time, CPU, memory, rows read and requests; ROWS=50000,2000000,8000000 REPEATS=3
	@node packages/bench/bin/totesys-bench.mjs proof $(BENCH_OPTIONS) $(if $(REPEATS),--repeats $(REPEATS))

docs: setup ## write the generated sections of the pages in docs/
	@$(TSX) scripts/docs.ts

format: setup ## format, and fix what can be fixed automatically
	@$(BIN)/biome check --write .

clean: ## remove build results, but not the dependencies
	@rm -rf build packages/*/dist
