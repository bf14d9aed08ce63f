# Aliases only: make is not on every machine, the scripts are.
.PHONY: demo test check planted bench
demo test check planted:
	./bin/$@
bench:
	./bin/bench $(NAME)
