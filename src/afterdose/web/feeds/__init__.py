"""How laboratories and other systems send messages: by HTTP with a token, or by MLLP."""
