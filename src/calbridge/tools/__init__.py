"""What a language model may ask for and what a caller hears: words in, words out, no I/O."""
