/* How the tables write, order and colour: named functions that `dashboard/panels/draw.py` refers to. */
window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions ?? {}, {
  /* Decimals arrive as exact text; they are written with separators and never rounded away. */
  written(value, format) {
    if (value === null || value === undefined) return "";
    const number = Number(value);
    if (format === "percent") return `${(number * 100).toLocaleString("en-US", { maximumFractionDigits: 2 })} %`;
    if (format === "currency") return number.toLocaleString("en-US", { style: "currency", currency: "USD" });
    return number.toLocaleString("en-US", { maximumFractionDigits: 6 });
  },
  /* A timestamp as people write it, to the minute. */
  moment: (value) => (value ? value.slice(0, 16).replace("T", " ") : ""),
  byNumber: (a, b) => (a === null ? -Infinity : Number(a)) - (b === null ? -Infinity : Number(b)),
  gridTheme(scheme) {
    const dark = scheme === "dark";
    return {
      backgroundColor: "transparent",
      foregroundColor: dark ? "#E8ECF2" : "#101828",
      headerBackgroundColor: "transparent",
      headerTextColor: dark ? "#8D97A6" : "#667085",
      borderColor: dark ? "#262D38" : "#E7EAEE",
      accentColor: dark ? "#7EA6FF" : "#2457D6",
      browserColorScheme: scheme,
      wrapperBorder: false,
      fontFamily: "inherit",
      fontSize: 12.5,
      headerFontWeight: 500,
      rowHeight: 30,
      headerHeight: 32,
    };
  },
});
