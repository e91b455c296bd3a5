"""What goes along with a prompt: finding it in the notebook, and filling it in.

In come the prompt as written, the options that name attachments, and a source of names, cells and outputs; out come the
prompt as sent, and attachments. `placeholders` and `wanted` read what a person wrote, `lookup` finds what it names,
`filling` puts it together. How a value is described is the room `describing`'s; how it stands in a request,
`g4f_magic.attached` says.
"""
