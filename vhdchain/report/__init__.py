"""How are images, chains, maps and findings told to people and to programs?

Documents for programs are plain dicts of the stated schemas (`documents`); text for people is lines of spans whose
roles the terminal's room colours. Everything here is a pure function of records: nothing opens, prints or asks the
clock.
"""
