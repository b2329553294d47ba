@echo synthetic offboarding
