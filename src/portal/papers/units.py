"""Units of quantity as codes of UN/ECE Recommendation 20, which electronic invoices use (BT-130)."""

ONE = "C62"

# Words of the portal's languages; whatever is not here is "one" of it.
_WORDS = {
    "HUR": "h hr hrs hour hours std stunde stunden heure heures hora horas",
    "DAY": "d day days tag tage jour jours día días dia dias",
    "WEE": "week weeks woche wochen semaine semaines semana semanas",
    "MON": "month months mo monat monate mois mes meses",
    "ANN": "year years yr jahr jahre an ans année années año años",
    "MIN": "min minute minutes minuten minuto minutos",
    "H87": "piece pieces pc pcs stück stk pièce pièces pieza piezas",
    "LS": "flat pauschal pauschale forfait",
    "KMT": "km",
    "MTK": "m² m2",
    "KGM": "kg",
}
_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}


def code_of(unit: str) -> str:
    """The code for a unit as people write it ("Hours", "Std."); `ONE` when it is none we know."""
    return _CODES.get(unit.strip().rstrip(".").lower(), ONE)
