"""What a scorer learned: rules, groups of people, layers, peaks."""
