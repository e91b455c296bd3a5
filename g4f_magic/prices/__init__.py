"""What services charge for tokens, as far as that is published.

In come the address of a service, a model and tokens; out comes money, or that it is not known. The prices are data of
genai-prices (MIT, LICENSE.genai-prices in this folder), made smaller and shipped with their date; a newer copy in the data
folder counts before them.
"""

from g4f_magic.prices.catalogue import Catalogue, forget, newest_prices
from g4f_magic.prices.compacting import compact
from g4f_magic.prices.rates import Rates, money
from g4f_magic.prices.spent import Spent, is_free, spent_of

__all__ = [
    "Catalogue",
    "Rates",
    "Spent",
    "compact",
    "forget",
    "is_free",
    "money",
    "newest_prices",
    "spent_of",
]
