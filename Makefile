PYTHON ?= python3

.PHONY: run test lab clean

run test lab clean:
	$(PYTHON) make.py $@
