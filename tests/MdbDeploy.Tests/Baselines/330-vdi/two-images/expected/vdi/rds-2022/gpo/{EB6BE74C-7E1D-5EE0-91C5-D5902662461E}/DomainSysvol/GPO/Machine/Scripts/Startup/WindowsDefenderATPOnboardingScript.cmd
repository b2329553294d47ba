@echo synthetic
