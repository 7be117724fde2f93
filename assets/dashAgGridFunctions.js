/* How a panel's table shows, sorts and filters: named functions that `dashboard/panels/table.py` refers to.
   A cell's value is exact text. Numbers are compared by all their digits, never as JavaScript's numbers alone. */
(() => {
  const NUMBER = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;
  const SPECIAL = { "-infinity": -1, infinity: 1, nan: 2 };
  const MOST_SHIFT = 400; // beyond it an exponent is no double's

  /* A number's parts: where it stands among the specials (0: finite), sign and digits as a BigInt, its scale. */
  const parse = (text) => {
    const folded = String(text).trim().toLowerCase();
    if (folded in SPECIAL) return { special: SPECIAL[folded], digits: 0n, scale: 0 };
    const [, sign, whole, fraction, exponent] = NUMBER.exec(folded) ?? [];
    const scale = (fraction?.length ?? 0) - Number(exponent ?? 0);
    if (sign === undefined || !(whole + fraction) || Math.abs(scale) > MOST_SHIFT) return null;
    const digits = BigInt(whole + fraction);
    return { special: 0, digits: sign === "-" ? -digits : digits, scale };
  };

  /* What a viewer types: `1,000`, `$12.50`, `17.26%` are read as they are shown. */
  const typed = (text) => {
    const number = parse(String(text).replace(/[,\s$%]/g, ""));
    const percent = number && number.special === 0 && String(text).includes("%");
    return percent ? { ...number, scale: number.scale + 2 } : number;
  };

  const sign = (a, b) => (a < b ? -1 : Number(a > b));

  const order = (a, b) => {
    if (a.special || b.special) return sign(a.special, b.special);
    const scale = Math.max(a.scale, b.scale);
    return sign(a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale));
  };

  /* Ascending: missing values, numbers, NaN (as in the warehouse, greater than all), then what is no number. */
  const compare = (a, b) => {
    if (a === b) return 0;
    const missing = Number(b === null || b === undefined) - Number(a === null || a === undefined);
    if (missing || a === null || a === undefined) return missing;
    const rough = Number(a) - Number(b); // rounding never swaps two numbers: it can only make them equal
    if (rough) return rough;
    const [first, second] = [parse(a), parse(b)];
    if (first && second) return order(first, second);
    return first || second ? (first ? -1 : 1) : sign(String(a), String(b));
  };

  /* A filter: a cell without a number passes none, and neither does any cell while something else is typed. */
  const filter = (passes) => (inputs, cell) => {
    const value = cell === null || cell === undefined ? null : parse(cell);
    const bounds = inputs.map(typed);
    return value !== null && bounds.every(Boolean) && passes(...bounds.map((bound) => order(value, bound)));
  };

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions ?? {}, {
    /* The text of a cell: as the server wrote it, or the exact value where these are the same. */
    shown(params) {
      const field = params.colDef.field;
      return params.data?.[field.replace("c", "d")] ?? params.data?.[field] ?? "";
    },
    exact: {
      compare,
      equals: filter((place) => place === 0),
      differs: filter((place) => place !== 0),
      below: filter((place) => place < 0),
      atMost: filter((place) => place <= 0),
      above: filter((place) => place > 0),
      atLeast: filter((place) => place >= 0),
      between: filter((low, high) => low >= 0 && high <= 0),
    },
    gridTheme: () => ({
      backgroundColor: "transparent",
      foregroundColor: "var(--ink)",
      headerBackgroundColor: "transparent",
      headerTextColor: "var(--muted)",
      borderColor: "var(--line)",
      accentColor: "var(--accent)",
      menuBackgroundColor: "var(--card)",
      browserColorScheme: "inherit",
      wrapperBorder: false,
      fontFamily: "inherit",
      fontSize: 12.5,
      headerFontWeight: 500,
      rowHeight: 30,
      headerHeight: 32,
    }),
  });
})();
