# `make search` and `make test` need nothing but Python 3.11 or newer; the rest is for developers.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN ?= runs/digits

export OMP_WAIT_POLICY := PASSIVE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start the program hundreds of times: what is compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: search test lint types contract tests wheel bench ranking chosen anytime weights mutations zoo grammar operators docs clean

# The main job: find, train and export a network for the embedded images.
search: $(VENV)/.installed
	@mkdir -p $(dir $(RUN))
	$(BIN)/ghndsl search digits --data digits -o $(RUN) $(if $(wildcard $(RUN)/run.sqlite),--resume)

# All that must hold before a change lands.
test: lint types contract tests

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable ".[dev]"
	@touch $@

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.installed
	$(BIN)/mypy
	$(BIN)/basedpyright

contract: $(VENV)/.installed
	$(BIN)/lint-imports

# The processes of the tests fill the cores: each computes with one thread.
tests: export OMP_NUM_THREADS := 1
tests: $(VENV)/.installed
	$(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist loadfile --durations 20

wheel: $(VENV)/.installed
	$(BIN)/python -m build --wheel --outdir dist

# Long runs; their output is committed under docs/. Libraries to compare with have an environment of their own.
PEERS ?= $(VENV)/peers
bench: $(VENV)/.installed
	$(BIN)/pip install --quiet --editable ".[bench]"
	$(BIN)/python benchmarks/language.py --plot docs/images/growth.png
	$(BIN)/python benchmarks/nasbench201.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/store.py --page docs/search.md
	$(BIN)/python benchmarks/workers.py --page docs/search.md
	$(BIN)/python benchmarks/queries.py --page docs/search.md
	$(BIN)/python benchmarks/onnx_graphs.py --page docs/onnx.md
	$(BIN)/python benchmarks/onnx_speed.py --page docs/onnx.md
	$(BIN)/python benchmarks/performance.py --page docs/performance.md --plot docs/images/performance.png
	$(PYTHON) -m venv $(PEERS)
	@for peer in configspace optuna pyglove neural-pipeline-search nni; do $(PEERS)/bin/pip install --quiet $$peer || true; done
	$(BIN)/python benchmarks/spaces.py --peers $(PEERS)/bin/python --page docs/spaces.md

# The tables and the picture of docs/ranking.md, which take hours: `make ranking DATA=cifar.npz`.
DATA ?= cifar10
ranking: $(VENV)/.installed
	$(BIN)/pip install --quiet --editable ".[bench]"
	$(BIN)/python benchmarks/ranking.py --data $(DATA) --parity odd --skip 1000 --cells 1000 --seeds 0 1 2 --out runs/odd
	$(BIN)/python benchmarks/picture.py --ranking runs/odd
	$(BIN)/python benchmarks/cost.py --data $(DATA) --ranking runs/odd
	$(BIN)/python benchmarks/hypernetworks.py --data $(DATA) --out runs/hypernetworks

# From nothing to an architecture, three times, which takes two and a half hours: `make chosen DATA=cifar.npz`.
chosen: $(VENV)/.installed
	$(BIN)/python benchmarks/chosen.py --data $(DATA) --page docs/search.md

# Curves of accuracy against computation, hours on two cores: `make anytime DATA=cifar.npz`.
anytime: $(VENV)/.installed
	$(BIN)/python benchmarks/anytime.py --data $(DATA) --page docs/anytime.md --plot docs/images/anytime.svg

# The tables of docs/weights.md, an hour and a half on two cores: `make weights DATA=cifar.npz`.
TEACHERS := nasbench201 darts
weights: $(VENV)/.installed
	$(BIN)/python benchmarks/weights.py --activations --page docs/weights.md
	$(BIN)/ghndsl train-ghn $(TEACHERS) --set size=16 --data $(DATA) --model logah --ema 0.995 --steps 2000 \
	    -o runs/logah.safetensors
	$(BIN)/python benchmarks/weights.py --starts --ghn runs/logah.safetensors --data $(DATA) --page docs/weights.md
	$(BIN)/python benchmarks/gpu.py --page docs/weights.md

# A hundred thousand broken texts: each must be read, or refused in its place.
mutations: $(VENV)/.installed
	$(BIN)/python benchmarks/mutations.py --workers $$(nproc)

# Each network of torchvision against its own, and docs/zoo.md: up to an hour on two cores, and 8 GB.
zoo: $(VENV)/.installed
	$(BIN)/python benchmarks/zoo.py

# The parser's tables from the grammar, and the colours of editors from the tables of the language.
grammar: $(VENV)/.installed
	$(BIN)/python -m ghndsl.language.lalr grammars/ghndsl.tables.json
	$(BIN)/python -m ghndsl.highlight grammars/ghndsl.tmLanguage.json

# The page that lists every operator.
operators: $(VENV)/.installed
	$(BIN)/python -m ghndsl.ops docs/operators.md

# The documentation as a site.
docs: $(VENV)/.installed
	$(BIN)/pip install --quiet --editable ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) dist build runs site
