"""A space goes in; what its picture is made of comes out: its choices in the text, its flow, their clusters."""
