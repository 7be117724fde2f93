/* How a panel's table shows, sorts and filters: named functions that `dashboard/grid/grid.py` refers to.
   A cell's value is exact text. Numbers are compared by all their digits, never as JavaScript's numbers. Where the server
   sorts and filters, it does the same (`dashboard/grid/order.py`). */
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

  /* What a viewer types: `1,000`, `$12.50`, `17.26%` are read as they are shown, `1.000,50 €` where it is shown so. */
  const parts = new Intl.NumberFormat(globalThis.document?.documentElement.dataset.locale ?? "en-US").formatToParts(-1234567.5);
  const [group, point] = ["group", "decimal"].map((wanted) => parts.find(({ type }) => type === wanted).value);
  const latin = (digit) => digit.charCodeAt(0) & 15; // both sets of Arabic digits begin at a multiple of 16
  const typed = (text) => {
    const digits = String(text).replace(/[\u0660-\u0669\u06f0-\u06f9]/g, latin).replaceAll(group, "").replaceAll(point, ".");
    const number = parse(digits.replace("\u2212", "-").replace(/[\s%\u066a]|\p{Sc}|\p{Cf}|[A-Z]{2,3}/gu, ""));
    const percent = number && number.special === 0 && /[%\u066a]/.test(text);
    return percent ? { ...number, scale: number.scale + 2 } : number;
  };

  const sign = (a, b) => (a < b ? -1 : Number(a > b));

  const order = (a, b) => {
    if (a.special || b.special) return sign(a.special, b.special);
    const scale = Math.max(a.scale, b.scale);
    return sign(a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale));
  };

  const isMissing = (value) => value === null || value === undefined;

  /* How two values compare of which one or both are missing; null where none is. */
  const missing = (a, b) => (isMissing(a) || isMissing(b) ? isMissing(b) - isMissing(a) : null);

  /* Ascending: missing values, numbers, NaN (as in the warehouse, greater than all), then what is no number. */
  const compare = (a, b) => {
    if (a === b) return 0;
    const gap = missing(a, b);
    if (gap !== null) return gap;
    const [first, second] = [parse(a), parse(b)];
    if (first && second) return order(first, second);
    return first || second ? (first ? -1 : 1) : sign(String(a), String(b));
  };

  /* Texts as they are read, whatever their case. */
  const compareTexts = (a, b) => missing(a, b) ?? (sign(a.toLowerCase(), b.toLowerCase()) || sign(a, b));

  /* A filter: a cell without a number passes none, and neither does any cell while something else is typed. */
  const filter = (passes) => (inputs, cell) => {
    const value = isMissing(cell) ? null : parse(cell);
    const bounds = inputs.map(typed);
    return value !== null && bounds.every(Boolean) && passes(...bounds.map((bound) => order(value, bound)));
  };

  /* What the server says of a cell besides its text: a bar, a tone, a link. */
  const marked = ({ colDef, data }, mark) => data?.[colDef.field.replace("c", mark)];

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions ?? {}, {
    /* The text of a cell: as the server wrote it, or the exact value where these are the same. */
    shown(params) {
      const field = params.colDef.field;
      return params.data?.[field.replace("c", "d")] ?? params.data?.[field] ?? "";
    },
    marked,
    /* Where a cell's bar lies; the style sheet draws it. */
    bar(params) {
      const [left, width] = marked(params, "b") ?? [0, 0];
      return { "--bar-left": `${left}%`, "--bar-width": `${width}%` };
    },
    exact: {
      compare,
      compareTexts,
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

  /* A cell that leads somewhere: another site in a tab of its own. Enter follows the link of the cell that has the focus. */
  const CellLink = ({ eGridCell, valueFormatted, ...params }) => {
    const { createElement, useEffect, useRef } = window.React;
    const ref = useRef(null);
    useEffect(() => {
      const follow = ({ key }) => key === "Enter" && ref.current?.click();
      eGridCell.addEventListener("keydown", follow);
      return () => eGridCell.removeEventListener("keydown", follow);
    }, [eGridCell]);
    const href = marked(params, "l");
    const away = href?.startsWith("/") ? {} : { target: "_blank", rel: "noopener noreferrer" };
    return href ? createElement("a", { href, ref, ...away, tabIndex: -1 }, valueFormatted) : valueFormatted;
  };
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions ?? {}, { CellLink });
})();
