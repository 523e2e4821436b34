"""The steps that rebuild Postroad's tables of China from published packages."""
