"""A `where` over measures and candidates go in; which of them meet it comes out, built where nothing else tells."""
