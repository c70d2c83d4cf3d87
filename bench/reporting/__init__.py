"""What bench/report is made of: contest (measures), programs (runs), findings (reasons), page and text (show), compare."""
