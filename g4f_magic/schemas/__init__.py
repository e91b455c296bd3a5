"""What a typed reply has to be: from a line, a type or a JSON Schema to what is asked for, and from the reply to a value.

In comes how a person says it (`label: positive|negative, why: str`, a pydantic model, a dataclass, a TypedDict, an Enum, a
dict that is a JSON Schema); out come the JSON Schema that goes along with a question, and the value of a reply that fits.
No I/O; pydantic is looked at only where the person has it.
"""

from g4f_magic.schemas.schema import Schema, digest_of, schema_of

__all__ = ["Schema", "digest_of", "schema_of"]
