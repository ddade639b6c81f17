"""From words to lines: pieces of a text, the remarks that stand between its words, and where its lines break."""
