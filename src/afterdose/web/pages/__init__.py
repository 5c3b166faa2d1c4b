"""What all pages share: their frame, where one can go, forms, and small parts drawn the same."""
