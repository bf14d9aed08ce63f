"""Countries in which an agency can open an account at Stripe (https://stripe.com/global), and their currency."""

COUNTRIES: dict[str, tuple[str, str]] = {
    "AU": ("Australia", "AUD"), "AT": ("Austria", "EUR"), "BE": ("Belgium", "EUR"), "BR": ("Brazil", "BRL"),
    "BG": ("Bulgaria", "EUR"), "CA": ("Canada", "CAD"), "HR": ("Croatia", "EUR"), "CY": ("Cyprus", "EUR"),
    "CZ": ("Czechia", "CZK"), "DK": ("Denmark", "DKK"), "EE": ("Estonia", "EUR"), "FI": ("Finland", "EUR"),
    "FR": ("France", "EUR"), "DE": ("Germany", "EUR"), "GI": ("Gibraltar", "GIP"), "GR": ("Greece", "EUR"),
    "HK": ("Hong Kong", "HKD"), "HU": ("Hungary", "HUF"), "IE": ("Ireland", "EUR"), "IT": ("Italy", "EUR"),
    "JP": ("Japan", "JPY"), "LV": ("Latvia", "EUR"), "LI": ("Liechtenstein", "CHF"), "LT": ("Lithuania", "EUR"),
    "LU": ("Luxembourg", "EUR"), "MY": ("Malaysia", "MYR"), "MT": ("Malta", "EUR"), "MX": ("Mexico", "MXN"),
    "NL": ("Netherlands", "EUR"), "NZ": ("New Zealand", "NZD"), "NO": ("Norway", "NOK"), "PL": ("Poland", "PLN"),
    "PT": ("Portugal", "EUR"), "RO": ("Romania", "RON"), "SG": ("Singapore", "SGD"), "SK": ("Slovakia", "EUR"),
    "SI": ("Slovenia", "EUR"), "ES": ("Spain", "EUR"), "SE": ("Sweden", "SEK"), "CH": ("Switzerland", "CHF"),
    "TH": ("Thailand", "THB"), "AE": ("United Arab Emirates", "AED"), "GB": ("United Kingdom", "GBP"),
    "US": ("United States", "USD"),
}  # fmt: skip
# Others in which an agency may write invoices.
_MORE = ["BHD", "CLP", "COP", "IDR", "ILS", "INR", "ISK", "JOD", "KRW", "KWD", "OMR", "PHP", "SAR", "TND",
         "TRY", "TWD", "UGX", "VND", "ZAR"]  # fmt: skip
CURRENCIES: list[str] = sorted({currency for _, currency in COUNTRIES.values()} | set(_MORE))


def country_name(code: str) -> str:
    """Its English name; the code itself for one that is not in the list."""
    return COUNTRIES.get(code, (code, ""))[0]
