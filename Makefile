# What is done often, one line each. Needs an environment with the package: pip install -e '.[test,lint]'
PYTHON ?= python
# The modules that setup.py names.
COMPILED = $(addsuffix .py,$(shell sed -n 's/^    "\(dynemu\.[^"]*\)",/\1/p' setup.py | tr . /))
CYTHON = $(PYTHON) -m cython -3 -X annotation_typing=False

.PHONY: build pure test bench annotate docs api tables wheels check format

build: ## compile the package in place; setup.py deletes older extension modules first
	$(PYTHON) -m pip install --quiet --no-deps --editable .

pure: ## run the tests on the uncompiled sources
	DYNEMU_PURE=1 $(PYTHON) -m pytest

test: ## run all tests
	$(PYTHON) -m pytest

bench: ## compiled against uncompiled, whole requests beside the peers, growth; then the documents from all that
	$(PYTHON) -m benchmarks.micro && $(PYTHON) -m benchmarks.macro
	$(PYTHON) -m benchmarks.macro.growth && $(PYTHON) -m benchmarks.report

annotate: ## write an HTML page per compiled module that shows where it still calls Python
	for source in $(COMPILED); do $(CYTHON) --annotate $$source || exit 1; done

docs: ## write the tables of docs/compatibility.md, run the sessions of the README, check what documents promise
	$(PYTHON) -m tools.write_compatibility
	$(PYTHON) -m pytest tests/meta/test_documents.py tests/sdk/test_readme.py

api: ## take over the API model of the installed botocore; MODEL=DIRECTORY takes another one's data directory
	$(PYTHON) tools/derive_api.py $(if $(MODEL),--model $(MODEL))

tables: ## write the parser's tables anew, after a change of the grammar of PartiQL
	$(PYTHON) -m tools.write_tables

wheels: ## sdist and wheels of this machine into wheels/out, repaired and tried out
	$(PYTHON) wheels/build.py

format: ## put every source into its final form
	ruff format . && ruff check --fix .

check: ## linters and type checks
	ruff format --check .
	ruff check .
	$(PYTHON) -m mypy
	codespell
	cython-lint $(wildcard dynemu/*/*.pxd dynemu/*/*/*.pxd)
	mkdir -p build
	for source in $(COMPILED); do $(CYTHON) -Wextra -Werror -o build/checked.c $$source || exit 1; done
