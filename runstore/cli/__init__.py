"""The command line: the only place that prints, exits and reads argv. One file per noun.

``main`` holds the group and turns every error into one line; a command's module is imported only when it is
called, so that ``runstore runs`` costs what ``runs`` needs.
"""
