# Aliases only: make is not on every machine, the scripts are.
.PHONY: demo test check bench
demo test check:
	./bin/$@
bench:
	./bin/bench $(NAME)
