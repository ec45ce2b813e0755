"""What a record may say: terms, checking, canonical bytes, RDF views."""
