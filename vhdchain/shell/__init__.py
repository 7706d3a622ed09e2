"""Where does the package meet the world?

Files, folders and the gate that guards them; what is computed from their bytes is the core's. Together with the command
line the only part that opens anything.
"""
