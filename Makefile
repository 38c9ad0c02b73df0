PYTHON ?= python3

.PHONY: run test lab docs clean

run test lab docs clean:
	$(PYTHON) make.py $@
